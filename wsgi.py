"""Assembles the house: settings → database, library, ward, voice, Zalo → web application and worker."""

from __future__ import annotations

import argparse
import gc
import hmac
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from bot import learning, outbox, retention
from bot.account import Account, account_of
from bot.app import Front, create_web
from bot.carriers import Carriers
from bot.case_clock import CaseClock
from bot.case_words import CaseWords
from bot.clock import Clock, Job
from bot.config import Settings, read_settings
from bot.conversation import Conversation, WhenOff
from bot.fetch import PhotoSource, is_below
from bot.gateways import Gateway, MailGateway, sms_gateway
from bot.health import Health
from bot.inbox import Inbox
from bot.logs import setup_logs
from bot.mail import Mailer, mailer_for
from bot.notices import Crier
from bot.photos import PhotoRoom
from bot.reminding import Reminding, who_of
from bot.sender import Sender
from bot.trial import Question, Trial
from bot.webhook import SignatureTally, Webhook
from bot.worker import Worker, process_name
from bot.zalo.api import Api
from bot.zalo.client import ZaloClient
from bot.zalo.errors import zbs_rules
from bot.zalo.memory import OaMemory
from bot.zalo.oauth import OAuthClient, TokenPair
from bot.zalo.signature import SignatureChecker
from bot.zalo.tokens import TokenStore
from bot.zalo.uploads import IMAGE_BYTES
from bot.zalo.zbs import TOKEN_REFUSED as ZBS_TOKEN_REFUSED
from bot.zalo.zbs import ZbsClient
from console import Mount
from handlers.assistant import Assistant
from handlers.case_words import WordsOfCases
from handlers.entry_words import WordsOfEntries
from handlers.facility_words import FacilityVoice
from handlers.firm_words import WordsOfFirms
from handlers.home_words import HomeVoice
from handlers.notices import WordsOfNotices
from handlers.phrases import Phrases, load_phrases
from handlers.procedures import NO
from handlers.reception_words import ReceptionVoice
from handlers.reminder_words import Voice as ReminderVoice
from handlers.reminder_words import VoiceByTopic, WordsOfReminders
from handlers.result_words import ResultVoice
from handlers.tokens import token
from handlers.visit_words import ReminderWords
from knowledge.cli import Outside
from knowledge.compile import ensure_library
from knowledge.evaluation.judge import Play, Voice
from knowledge.learning import candidates
from knowledge.learning.candidates import Candidates
from knowledge.learning.overlay import OverlayError, by_key, read_overlay
from knowledge.library import Library
from knowledge.portal.store import FILE_NAME, imported_records
from knowledge.text import normalize
from store.engine import is_sqlite, open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.secrets import SecretBox, key_from_file
from ward import canned, photos
from ward import settings as ward_settings
from ward.calendar import WorkCalendar, load_calendar
from ward.forms import FormShelf
from ward.hotlines import remind_of_stale
from ward.linking import forget_old_codes
from ward.local_facts import apply, load_local_facts
from ward.pictures import lighter
from ward.profile import WardFileError, WardProfile, load_profile
from ward.programmes.ending import remind
from ward.programmes.load import load_files, programmes_of
from ward.programmes.model import Programme
from ward.public_calendar import public_calendar
from ward.reception import KIND as RECEPTION
from ward.reminder_matters import RESULT
from ward.visits import firms, sessions, unseen
from ward.visits.people import PURPOSE, unseal


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def no_collections() -> Iterator[None]:
    """For making what lives as long as the process: nothing of it is garbage, now or at any later search for
    some, which would else stop an answer now and then."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@dataclass(frozen=True)
class House:
    """Everything of one process, each part built when it is first needed."""

    settings: Settings

    @cached_property
    def account(self) -> Account:
        return account_of(self.settings)

    @cached_property
    def engine(self) -> Engine:
        """The database, brought to the newest schema."""
        engine = open_engine(self.settings.database_url)
        upgrade(engine)
        return engine

    @cached_property
    def secret_key(self) -> str:
        return self.settings.secret_key or key_from_file(self.settings.var_dir / "secret.key")

    def box(self, purpose: str) -> SecretBox:
        return SecretBox(self.secret_key, purpose)

    @cached_property
    def profile(self) -> WardProfile:
        return load_profile(self.settings.ward_dir)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return load_calendar(self.settings.ward_dir, self.profile.hours)

    @cached_property
    def programme_files(self) -> dict[str, Programme]:
        """The programmes of the ward's folder; the console's changes lie over them."""
        return load_files(self.settings.ward_dir)

    @cached_property
    def library(self) -> Library:
        """The procedures, with what the ward and its province set themselves."""
        with no_collections():
            national = ensure_library(self.settings.var_dir / "knowledge.sqlite")
            ours = self._with_local_facts(national.with_phrasings(self._approved_phrasings()))
            return ours.with_imported(imported_records(self.settings.var_dir / FILE_NAME))

    def _approved_phrasings(self) -> dict[str, list[str]]:
        try:
            return by_key(read_overlay(self.settings.ward_dir))
        except OverlayError as error:
            raise WardFileError(str(error)) from error

    @cached_property
    def candidates(self) -> Candidates:
        """Questions that may become phrasings."""
        return Candidates(self.settings.var_dir / candidates.FILE)

    def _with_local_facts(self, national: Library) -> Library:
        local = load_local_facts(self.settings.ward_dir)
        return national.with_changed(apply(local, national.entries()))

    @cached_property
    def assistant(self) -> Assistant:
        return self._speaking_of(self.library)

    def _speaking_of(self, library: Library) -> Assistant:
        shelf = FormShelf(self.settings.ward_dir)
        shelf.check()
        return Assistant(library, self.phrases, self.profile, self.calendar, shelf)

    @cached_property
    def phrases(self) -> Phrases:
        return load_phrases(self.settings.ward_dir)

    @cached_property
    def case_words(self) -> CaseWords:
        """What officials' actions say to citizens, for the console and the clock."""
        return WordsOfCases(self.phrases, self.profile.name)

    def voice(self, on: date | None) -> Voice:
        """The whole chat over any library, for the evaluation."""

        def of(library: Library) -> Play:
            local = self._with_local_facts(library)
            trial = Trial(self._speaking_of(local).respond, local.code_of, utc_now, self.programme_files)
            return lambda said: trial.told(said, on)

        return of

    @cached_property
    def oauth(self) -> OAuthClient:
        account = self.account
        return OAuthClient(account.oauth_url, account.app_id, account.app_secret)

    @cached_property
    def tokens(self) -> TokenStore:
        return TokenStore(
            self.engine, self.box("tokens"), self.oauth, self.account.oa_id, process_name(), utc_now
        )

    def client(self) -> ZaloClient:
        """A client of its own for each sending thread: HTTP sessions are not shared."""
        memory = OaMemory(self.engine, self.account.oa_id)
        return ZaloClient(
            self.account.api_url,
            self.tokens,
            memory,
            files_root=self.settings.ward_dir,
            photos=self._photo,
            app_secret=self.account.app_secret,
        )

    def _photo(self, token: str) -> bytes | None:
        """A picture of a case, light enough for Zalo."""
        with read_tx(self.engine) as connection:
            photo = photos.read(connection, self.box("photos"), self.account.oa_id, token)
        return None if photo is None else lighter(photo.jpeg, IMAGE_BYTES)

    def carriers(self) -> Carriers:
        """All ways out, for one sending thread."""
        account, secret = self.account, self.account.app_secret
        zbs = ZbsClient(
            Api(account.api_url, self.tokens, app_secret=secret),
            Api(
                account.zbs_url,
                self.tokens,
                app_secret=secret,
                table=zbs_rules(),
                token_refused=ZBS_TOKEN_REFUSED,
            ),
        )
        return Carriers(self.client(), zbs, self.box("visits"), self.gateways)

    @cached_property
    def gateways(self) -> dict[str, Gateway]:
        """SMS and mail, as far as this machine has them."""
        subject = self.reminder_words.mail_subject(self.profile.name)
        mail = MailGateway(self.mailer, subject) if self.mailer else None
        found = {"sms": sms_gateway(self.settings.sms_url), "mail": mail}
        return {name: gateway for name, gateway in found.items() if gateway is not None}

    @cached_property
    def reminder_words(self) -> WordsOfReminders:
        """Subjects with words of their own are added here."""
        visits = ReminderWords(
            self.phrases,
            self.profile,
            lambda: self.library,
            self._programmes,
            lambda sealed: unseal(self.box(PURPOSE), sealed),
        )
        opened = partial(who_of, self.box(PURPOSE))
        home, results = HomeVoice(self.phrases), ResultVoice(self.phrases, self.profile, opened)
        where = self.profile.citizen_reception
        reception = ReceptionVoice(self.phrases, where.hours if where else None)
        dated = VoiceByTopic({RECEPTION: reception, RESULT: results})
        papers = FacilityVoice(self.phrases)
        voices: dict[str, ReminderVoice] = {
            "signup": visits,
            "home": home,
            "appointment": dated,
            "facility": papers,
        }
        return WordsOfReminders(self.phrases, voices)

    def _programmes(self) -> dict[str, Programme]:
        """Files and the console's changes together."""
        with read_tx(self.engine) as connection:
            return programmes_of(connection, self.account.oa_id, self.programme_files)

    def reminding(self) -> Reminding:
        return Reminding(
            self.engine,
            self.account.oa_id,
            self.reminder_words,
            self.box("visits"),
            self.settings.zalo_rate,
            has_sms="sms" in self.gateways,
            has_mail="mail" in self.gateways,
            facility_box=self.box("personal"),
        )

    def take_first_token(self) -> None:
        if self.settings.zalo_refresh_token:
            self.tokens.start_with(self.settings.zalo_refresh_token)

    @cached_property
    def health(self) -> Health:
        return Health(self.engine, self.account.oa_id, lambda: len(self.library.keys()), utc_now)

    def web(self) -> Flask:
        """The web application of this process."""
        account = self.account
        checker = SignatureChecker(account.app_id, account.oa_id, account.app_secret, account.oa_secret)
        webhook = Webhook(
            account,
            checker,
            self.settings.zalo_signature == "enforce",
            Inbox(self.engine),
            self.box("inbox"),
            SignatureTally(self.engine, account.oa_id),
            utc_now,
        )
        front = Front(
            self.profile.oa_name, self.settings.zalo_verifier, self.settings.simulated, self.public_calendar
        )
        self.take_first_token()
        app = create_web(webhook, self.health, front)
        app.wsgi_app = Mount(app.wsgi_app, self.console)  # type: ignore[method-assign]
        return app

    def public_calendar(self) -> bytes:
        """What /lich-phuong.ics holds now."""
        oa_id = self.account.oa_id
        with read_tx(self.engine) as connection:
            programmes = programmes_of(connection, oa_id, self.programme_files)
            return public_calendar(connection, oa_id, programmes, self.profile, self.calendar, utc_now())

    def console(self) -> Flask:
        """The officials' pages; made at their first request."""
        from console.app import create_console
        from console.services import ConsoleServices

        return create_console(
            ConsoleServices(
                engine=self.engine,
                oa_id=self.account.oa_id,
                profile=self.profile,
                calendar=self.calendar,
                words=self.phrases.for_turn(0),
                case_words=self.case_words,
                entry_words=WordsOfEntries(self.phrases.for_turn(0), self.profile),
                firm_words=WordsOfFirms(self.phrases.for_turn(0)),
                candidates=self.candidates,
                library=lambda: self.library,
                box=self.box,
                now=utc_now,
                secret_key=self._console_key(),
                public_url=self.settings.public_url,
                programme_files=self.programme_files,
            )
        )

    def _console_key(self) -> str:
        """Signs the console's form tokens; not the key that seals the ward's data."""
        return hmac.digest(self.secret_key.encode(), b"ward:console", "sha256").hex()

    def conversation(self) -> Conversation:
        return Conversation(
            respond=self.assistant.respond,
            apology=self.assistant.apology,
            normalize=lambda words: normalize(words).plain,
            profile=self.profile,
            calendar=self.calendar,
            payload_box=self.box("inbox"),
            restricted_box=self.box("restricted"),
            personal_box=self.box("personal"),
            now=utc_now,
            photos=PhotoRoom(self.photo_source(), self.assistant.takes_photos, self.box("photos")),
            appointment_box=self.box("appointments"),
            visit_box=self.box(PURPOSE),
            programme_files=self.programme_files,
            sealed=self.assistant.seals,
            reads_ahead=self.assistant.read_ahead,
            when_off=WhenOff(self.assistant.guard, self.assistant.off_words),
        )

    def photo_source(self) -> PhotoSource:
        """Zalo's hosts, and the place where something else plays Zalo."""
        hosts, api = self.settings.photo_hosts, self.account.api_url
        return PhotoSource(hosts, own=None if is_below(api, hosts) else api)

    def sender(self, name: str) -> Sender:
        return Sender(
            self.engine, self.carriers(), self.account.oa_id, name, self.settings.zalo_rate, utc_now
        )

    def worker(self) -> Worker:
        """The threads that do the work; several processes may each have one."""
        self.take_first_token()
        name = process_name()
        clock = Clock(self.engine, name, self._jobs(), utc_now)
        drainers = 1 if is_sqlite(self.engine) else 2
        return Worker(
            self.engine, self.conversation(), self.sender, clock, utc_now, drainers=drainers, name=name
        )

    def _jobs(self) -> tuple[Job, ...]:
        lease = timedelta(seconds=self.settings.send_lease_s)
        crier, cases, reminding = self.crier(), self.case_clock(), self.reminding()
        return (
            Job("cases", timedelta(minutes=1), lambda: cases.run(utc_now())),
            Job("deliveries", timedelta(seconds=10), lambda: cases.settle(utc_now())),
            Job("reminders", timedelta(seconds=10), lambda: reminding.tick(utc_now())),
            Job("reminders_sent", timedelta(seconds=10), lambda: reminding.settle(utc_now())),
            Job("notices", timedelta(seconds=10), lambda: crier.tell(utc_now())),
            Job("digest", timedelta(minutes=1), lambda: crier.mail(utc_now())),
            Job("office_chores", timedelta(minutes=30), self._chores),
            Job("visits", timedelta(minutes=5), self._watch_visits),
            Job("sweep_outbox", min(lease, timedelta(seconds=15)), lambda: self._sweep(lease)),
            Job("refresh_token", timedelta(minutes=10), lambda: self.tokens.access_token()),
            Job("phrasings", timedelta(hours=1), self._collect_phrasings),
            Job("retention", timedelta(hours=6), self._purge),
        )

    def _purge(self) -> dict[str, int]:
        with read_tx(self.engine) as connection:
            kept = ward_settings.load(connection, self.account.oa_id).photo_kept_days
        return retention.purge(self.engine, utc_now(), timedelta(days=kept))

    @cached_property
    def mailer(self) -> Mailer | None:
        return mailer_for(self.settings.smtp_url, self.settings.mail_from)

    def crier(self) -> Crier:
        """Tells officials of what waits for them."""
        words = WordsOfNotices(self.assistant.phrases, self.profile.name, self.settings.public_url)
        return Crier(self.engine, self.account.oa_id, self.calendar, words, self.mailer)

    def case_clock(self) -> CaseClock:
        return CaseClock(self.engine, self.account.oa_id, self.calendar, self.case_words.late)

    def _watch_visits(self) -> None:
        """Who has not seen a move becomes work for the officials; the coming same-day days are opened."""
        with write_tx(self.engine) as connection:
            unseen.watch(connection, self.account.oa_id, utc_now())
            programmes = programmes_of(connection, self.account.oa_id, self.programme_files)
            counter = self.profile.counter
            place = ", ".join(filter(None, (counter.name, counter.address or self.profile.address)))
            sessions.keep_planned(
                connection, self.account.oa_id, programmes.values(), place, self.calendar, utc_now()
            )

    def _chores(self) -> None:
        """Link codes and names of firms past their time; the first canned replies; hotlines nobody checked
        for a quarter."""
        with write_tx(self.engine) as connection:
            forget_old_codes(connection, utc_now())
            firms.forget_old(connection, self.box(PURPOSE), self.account.oa_id, utc_now())
            canned.seed(connection, self.account.oa_id, self.settings.ward_dir, utc_now())
            remind_of_stale(connection, self.account.oa_id, self.profile, utc_now())
            programmes = programmes_of(connection, self.account.oa_id, self.programme_files)
            remind(connection, self.account.oa_id, programmes, self.calendar, utc_now())

    def _collect_phrasings(self) -> int:
        learning.forget_gone(self.engine, self.candidates)
        return learning.collect(
            self.engine, self.account.oa_id, self.candidates, (*NO, token("other")), utc_now()
        )

    def _sweep(self, lease: timedelta) -> int:
        with write_tx(self.engine) as connection:
            return outbox.sweep(connection, utc_now(), lease)


def build_house(settings: Settings | None = None) -> House:
    settings = settings or read_settings()
    setup_logs(settings.log_level)
    return House(settings)


def ask(args: argparse.Namespace) -> int:
    """`python -m knowledge ask`: the very words of the chat, for one question or for JSON lines."""
    house = build_house()
    trial = Trial(house.assistant.respond, house.library.code_of, utc_now, house.programme_files)
    if args.text:
        print(trial.answer(Question(question=args.text))["text"])
        return 0
    errors = 0
    for answer in trial.lines(sys.stdin):
        errors += "error" in answer
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return 1 if errors else 0


def outside() -> Outside:
    """What the commands of `python -m knowledge` need of the house."""
    house = build_house()
    return Outside(house.voice, house.settings.ward_dir, house.settings.var_dir)


def create_app() -> Flask:
    """For a web server of one's own: `gunicorn "wsgi:create_app()"` (with `python -m bot worker` beside)."""
    return build_house().web()


def add_simulator(app: Flask, house: House) -> Any:
    """Put the simulated Zalo under /simulator of the same port, and take a fresh grant from it."""
    from bot.simulator import SimulatedZalo, simulator_blueprint

    here = f"http://127.0.0.1:{house.settings.port}"
    zalo = SimulatedZalo(
        house.settings.var_dir / "simulator.db",
        webhook_url=f"{here}/webhook/zalo",
        own_url=f"{here}/simulator/",  # the bot fetches pictures there, wherever the page is looked at
    )
    app.register_blueprint(simulator_blueprint(zalo), url_prefix="/simulator")
    grant = zalo.issue_tokens()
    house.tokens.install(TokenPair(grant["access_token"], grant["refresh_token"], int(grant["expires_in"])))
    return zalo
