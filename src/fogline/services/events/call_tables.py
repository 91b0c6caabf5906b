"""What outgoing calls stand on: connections, their tokens, API destinations, and each destination's next free place."""

from __future__ import annotations

from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

_MICROSECONDS = 1_000_000


class CallTables:
    """Reads and writes of connections and API destinations, all by account, region and name.

    A connection: `name`, `id`, `secret_id`, `type`, `parameters` (AuthParameters with their secrets), `state`,
    `created_at`, `modified_at`, `authorized_at`, and what is set of `description`, `reason`, `key`.

    A token: `connection` (the id of its connection) and its `modified_at`, `access_token`, `type`, `expires_at` (None:
    it does not say), `renew_at`.

    An API destination: `name`, `id`, `connection` (ARN), `method`, `endpoint`, `rate`, `created_at`, `modified_at`, and
    `description` where set.
    """

    def __init__(self, store: Store) -> None:
        self.connections = Documents(store, "events.connection")
        self.tokens = Documents(store, "events.token")
        self.destinations = Documents(store, "events.api-destination")

    def lock_connection(self, tx: Tx, account: str, region: str, name: str) -> None:
        """Let nobody else change that connection until commit."""
        tx.lock(f"events-connection:{account}:{region}:{name}")

    def reserve_place(self, tx: Tx, arn: str, rate: int, now: int) -> int:
        """When (ms) the destination may be called: now, as long as its bucket of `rate` calls holds one.

        The bucket is the instant (microseconds) at which it would be full again: one number, moved on by each call.
        """
        interval = _MICROSECONDS // rate
        row = tx.row(
            "INSERT INTO events_call_rates (arn, full_at) VALUES (?, ?)"
            " ON CONFLICT (arn) DO UPDATE SET full_at = CASE"
            " WHEN events_call_rates.full_at > excluded.full_at - ?"
            " THEN events_call_rates.full_at + ? ELSE excluded.full_at END RETURNING full_at",
            arn,
            now * 1000 + interval,
            interval,
            interval,
        )
        assert row is not None
        wait = int(row[0]) - now * 1000 - _MICROSECONDS
        return now if wait <= 0 else now + (wait + 999) // 1000

    def forget_places(self, tx: Tx, arn: str) -> None:
        """Begin with a full bucket: the destination is gone, or its rate is another one."""
        tx.run("DELETE FROM events_call_rates WHERE arn = ?", arn)
