"""Names of keys: `portico:{tenant}:…`, braces included.

The braces are a Redis Cluster hash tag, so everything of one tenant lies in one slot and one script may write an
audit record and its effects together. An id from outside never reaches a name unchecked: `:` would let one id stand
for the key of another.
"""

import re
from dataclasses import dataclass

from portico_core.errors import ConfigurationError, NotFound

_TENANT = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, slots=True)
class Keys:
    """The key names of one tenant."""

    tenant: str

    def __post_init__(self) -> None:
        if not _TENANT.fullmatch(self.tenant):
            raise ConfigurationError("a tenant name is 1 to 63 of a-z 0-9 . _ - and starts with a letter or digit")

    @property
    def audit(self) -> str:
        """Stream of audit records; never trimmed."""
        return self._name("audit")

    @property
    def chain_heads(self) -> str:
        """Hash chain → `seq:hash`: what a new record must follow."""
        return self._name("audit:heads")

    @property
    def open_turns(self) -> str:
        """Sorted set of accepted turns without a terminal record, by the time they were accepted."""
        return self._name("audit:open")

    @property
    def witness(self) -> str:
        """Hash checkpoint log → `number:mac` of its last line."""
        return self._name("audit:witness")

    @property
    def verification(self) -> str:
        """Hash: what the last verification of the chains said, with a keyed hash over it."""
        return self._name("audit:verified")

    @property
    def ticket_stream(self) -> str:
        """Stream of opened escalations; never trimmed."""
        return self._name("escalations")

    @property
    def tickets_open(self) -> str:
        """Sorted set of tickets that are not closed, most urgent and oldest at risk first."""
        return self._name("tickets:open")

    @property
    def tickets_closed(self) -> str:
        """Sorted set of closed tickets by the time they were closed."""
        return self._name("tickets:closed")

    @property
    def inbox(self) -> str:
        """Sorted set of what stands in the inbox: open tickets without those folded into another."""
        return self._name("tickets:inbox")

    def pool(self, pool: str) -> str:
        """Sorted set of the inbox's tickets that one pool answers."""
        return self._name("tickets:pool", pool)

    def holder(self, holder_key: str) -> str:
        """Sorted set of the tickets that one person claimed, by the hash of their name."""
        return self._name("tickets:holder", holder_key)

    def listed(self, holder_key: str) -> str:
        """Set of the tickets whose line one person has seen on record; it ends by itself."""
        return self._name("tickets:listed", holder_key)

    def folded(self, ticket: str) -> str:
        """Sorted set of the tickets folded into one."""
        return self._name("tickets:folded", ticket)

    @property
    def ticket_names(self) -> dict[str, str]:
        """The beginnings of the names that `append.lua` makes itself, because it finds out there which ticket it is."""
        return {
            "inbox": self.inbox,
            "ticket": self._name("ticket") + ":",
            "pool": self._name("tickets:pool") + ":",
            "holder": self._name("tickets:holder") + ":",
            "folded": self._name("tickets:folded") + ":",
            "head": self._name("tickets:head") + ":",
        }

    def notes(self, ticket: str) -> str:
        """List of what the staff noted on a ticket; the patient never sees it."""
        return self._name("ticket", ticket, "notes")

    def suggestion(self, ticket: str) -> str:
        """What approved material says to the question of a ticket; for the staff only."""
        return self._name("ticket", ticket, "suggestion")

    def presence(self, ticket: str) -> str:
        """Hash of who has a ticket open; it ends by itself."""
        return self._name("ticket", ticket, "presence")

    def broken_glass(self, ticket: str) -> str:
        """Hash person → their last break-glass grant for a ticket."""
        return self._name("ticket", ticket, "glass")

    @property
    def broken_glasses(self) -> str:
        """List of break-glass grants; the audit records are the proof, this is for the page."""
        return self._name("glass")

    @property
    def reviews(self) -> str:
        """Hash of what reviewers say of the guard, de-identified."""
        return self._name("reviews")

    def delivery(self, delivery: str) -> str:
        """Hash of one notification: what to tell, how often it was tried, the fence of the last attempt."""
        return self._name("delivery", delivery)

    def deliveries_due(self, urgency: str) -> str:
        """Sorted set of notifications of one urgency by when they may be sent; a lease moves one into the future."""
        return self._name("deliveries:due", urgency)

    @property
    def deliveries_dead(self) -> str:
        """Sorted set of notifications that were given up, by when."""
        return self._name("deliveries:dead")

    @property
    def writable(self) -> str:
        """What readiness writes to see that a record could be written; it ends by itself."""
        return self._name("audit:writable")

    def limit(self, scope: str, holder: str) -> str:
        """Hash of one token bucket; it ends by itself when it would be full."""
        return self._name("limit", scope, holder)

    @property
    def switches(self) -> str:
        """Hash of what was turned off, with who did it and why."""
        return self._name("switches")

    def session(self, session_hash: str) -> str:
        """A console session, by the hash of its id."""
        return self._name("session", session_hash)

    @property
    def sessions(self) -> str:
        """Sorted set of open console sessions, by the hash of the id, and when each ends if nothing is done."""
        return self._name("sessions")

    def kept_search(self, name: str) -> str:
        """What a member of the compliance staff searched for, by the session and the search; it ends by itself."""
        return self._name("search", name)

    def launch(self, step: str, id_hash: str) -> str:
        """One SMART launch under way, or the session that came of it, by the hash of its id; it ends by itself."""
        return self._name("launch", step, id_hash)

    def sign_out(self, name: str) -> str:
        """Stream that says that a sign-in has ended, by its hash; it ends by itself."""
        return self._name("sign-out", name)

    def once(self, subject: str, step: str) -> str:
        """Receipt of the record already written for a step of a turn."""
        return self._name("once", subject, step)

    def conversation(self, conversation: str) -> str:
        """Hash: owner, locale, state."""
        return self._name("conversation", conversation)

    def messages(self, conversation: str) -> str:
        """List of redacted transcript messages."""
        return self._name("conversation", conversation, "messages")

    def window(self, conversation: str) -> str:
        """List of the last redacted patient messages."""
        return self._name("conversation", conversation, "window")

    def events(self, conversation: str) -> str:
        """Stream of what the patient's page shows; trimmed, it is neither audit nor escalation."""
        return self._name("conversation", conversation, "events")

    def vault(self, conversation: str) -> str:
        """Hash: wrapped data key, encrypted placeholder map, version."""
        return self._name("vault", conversation)

    @property
    def vaults(self) -> str:
        """Pattern of every conversation's vault."""
        return self._name("vault") + ":*"

    def ticket(self, ticket: str) -> str:
        """Hash of one escalation."""
        return self._name("ticket", ticket)

    def idempotency(self, patient: str, key_hash: str) -> str:
        """Hash of one Idempotency-Key of one patient."""
        return self._name("idempotency", patient, key_hash)

    def _name(self, *parts: str) -> str:
        if not all(_ID.fullmatch(part) for part in parts[1:]):
            raise NotFound
        return ":".join((f"portico:{{{self.tenant}}}", *parts))
