"""OAuth v4: single-use refresh tokens; a new access token kills the old one at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from bot.simulator.answers import OAuthError, ZaloError
from bot.simulator.settings import SIM_REFRESH_TOKEN, Config
from bot.simulator.store import Store, now_ms

CODE_LIFE_MS = 10 * 60 * 1000


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class TokenOffice:
    """Issues, spends and checks tokens."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store, self._config = store, config
        with store.transaction():
            if not store.rows("SELECT 1 FROM tokens LIMIT 1"):
                self._add(SIM_REFRESH_TOKEN, "refresh", int(config.now.refresh_token_life * 1000))

    def _add(self, token: str, kind: str, life_ms: int, challenge: str = "") -> None:
        expires = now_ms() + life_ms
        self._store.insert(
            "tokens", token=token, kind=kind, state="live", expires_at=expires, challenge=challenge
        )

    def issue(self) -> dict[str, str]:
        """A new pair, as API Explorer gives one; every earlier token is dead."""
        settings = self._config.now
        access, refresh = "sim-at-" + secrets.token_urlsafe(32), "sim-rt-" + secrets.token_urlsafe(32)
        with self._store.transaction():
            self._store.run("UPDATE tokens SET state = 'removed' WHERE state = 'live' AND kind != 'code'")
            self._add(access, "access", int(settings.access_token_life * 1000))
            self._add(refresh, "refresh", int(settings.refresh_token_life * 1000))
        life = str(int(settings.access_token_life))
        return {"access_token": access, "refresh_token": refresh, "expires_in": life}

    def grant(self, form: Mapping[str, str], secret_key: str) -> dict[str, str]:
        """Answer POST /v4/oa/access_token."""
        self._check_app(form.get("app_id", ""), secret_key)
        grant_type = form.get("grant_type", "")
        if grant_type == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        if grant_type == "authorization_code":
            return self._exchange(form.get("code", ""), form.get("code_verifier", ""))
        raise OAuthError(-14011, "Invalid grant type", f"grant_type '{grant_type}' is not supported")

    def _check_app(self, app_id: str, secret_key: str) -> None:
        settings = self._config.now
        if app_id != settings.app_id:
            raise OAuthError(-14002, "Invalid appId", "App id is invalid or not active")
        if not hmac.compare_digest(secret_key.encode(), settings.app_secret.encode()):
            raise OAuthError(-14004, "Invalid secret key", "Secret key is invalid")

    def _refresh(self, token: str) -> dict[str, str]:
        self._store.count("oauth.refresh")
        with self._store.transaction():
            self._spend(token, "refresh")
            return self.issue()

    def _exchange(self, code: str, verifier: str) -> dict[str, str]:
        self._store.count("oauth.code")
        with self._store.transaction():
            challenge = self._spend(code, "code")
            if challenge and challenge_of(verifier) != challenge:
                raise OAuthError(-14006, "Invalid code verifier", "code_verifier does not match")
            return self.issue()

    def _spend(self, token: str, kind: str) -> str:
        """Use a single-use token up; its PKCE challenge."""
        found = self._store.row("SELECT * FROM tokens WHERE token = ? AND kind = ?", token, kind)
        name = "refresh token" if kind == "refresh" else "authorized code"
        if found is None:
            raise OAuthError(-14014, f"Invalid {name}", f"Invalid {name}.")
        if found["state"] != "live":
            raise OAuthError(-14014, f"Invalid {name}", f"Invalid {name}.", f"{name} has been used")
        if found["expires_at"] <= now_ms():
            raise OAuthError(-14014, f"Invalid {name}", f"Invalid {name}.", f"{name} is expired")
        self._store.run("UPDATE tokens SET state = 'used' WHERE token = ?", token)
        return str(found["challenge"])

    def permission(self, query: Mapping[str, str]) -> str:
        """Answer GET /v4/oa/permission: where the browser goes back to, with a code."""
        settings, target = self._config.now, query.get("redirect_uri", "")
        if query.get("app_id") != settings.app_id:
            raise OAuthError(-14002, "Invalid appId", "App id is invalid or not active")
        parts = urlsplit(target)
        known = target == settings.redirect_uri or not settings.redirect_uri
        if not known or parts.scheme not in ("http", "https") or parts.query:
            raise OAuthError(-14003, "Invalid redirect uri", "Redirect uri is invalid")
        code = "sim-code-" + secrets.token_urlsafe(24)
        self._add(code, "code", CODE_LIFE_MS, query.get("code_challenge", ""))
        back = {"code": code, "oa_id": settings.oa_id}
        if "state" in query:
            back["state"] = query["state"]
        return f"{target}?{urlencode(back)}"

    def check(self, token: str, proof: str = "") -> None:
        """Raise unless `token` may call the OpenAPI now."""
        found = self._store.row("SELECT * FROM tokens WHERE token = ? AND kind = 'access'", token)
        if found is None:
            raise ZaloError(-216)
        if found["state"] != "live" or found["expires_at"] <= now_ms():
            raise ZaloError(-220)
        settings = self._config.now
        expected = hmac.new(settings.app_secret.encode(), token.encode(), "sha256").hexdigest()
        if settings.require_appsecret_proof and not hmac.compare_digest(proof.encode(), expected.encode()):
            raise ZaloError(-242)
