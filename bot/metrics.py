"""Counters of this process for `/metrics`; queue lengths are read from the database when asked."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

WEBHOOKS = Counter("ward_webhook_events_total", "Webhook calls by what became of them", ["fate"])
SIGNATURES = Counter("ward_webhook_signatures_total", "Which secret and id matched", ["combination"])
TURNS = Counter("ward_turns_total", "Turns by outcome", ["outcome"])
TURN_SECONDS = Histogram(
    "ward_turn_seconds", "Time to decide one turn", buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2)
)
PHOTOS = Counter("ward_photos_total", "Pictures people sent, by what became of them", ["fate"])
SENDS = Counter("ward_sends_total", "Sends by how they ended", ["kind"])
SEND_SECONDS = Histogram(
    "ward_send_seconds", "Time of one call to Zalo", buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
)
REMINDERS = Counter("ward_reminders_total", "Reminders by the way taken, or what became of them", ["fate"])
