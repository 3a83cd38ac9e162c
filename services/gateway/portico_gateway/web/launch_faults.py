"""Why a SMART launch came to nothing: a closed list, each with a status, and a line to read in `launch_words`.

Nothing of the request is ever in it: what an EHR, an attacker or a server wrote is not repeated to anybody.
"""

from enum import StrEnum

from portico_core.errors import PorticoError


class LaunchFault(StrEnum):
    """What was wrong."""

    UNKNOWN_SERVER = "unknown_server"
    SERVER_DOWN = "server_down"
    EXPIRED = "launch_expired"
    REFUSED = "sign_in_refused"
    NO_PATIENT = "no_patient"
    NOT_ALLOWED = "not_allowed"
    NOT_A_PATIENT = "not_a_patient"
    TOO_MANY = "too_many"
    SESSION_ENDED = "session_ended"
    UNAVAILABLE = "unavailable"


class LaunchRefused(PorticoError):
    """No session comes of this request."""

    code = "launch_refused"
    public_message = "The assistant could not be opened."

    def __init__(self, fault: LaunchFault) -> None:
        super().__init__()
        self.fault = fault


STATUS = {
    LaunchFault.UNKNOWN_SERVER: 400,
    LaunchFault.SERVER_DOWN: 503,
    LaunchFault.EXPIRED: 401,
    LaunchFault.REFUSED: 401,
    LaunchFault.NO_PATIENT: 403,
    LaunchFault.NOT_ALLOWED: 403,
    LaunchFault.NOT_A_PATIENT: 403,
    LaunchFault.TOO_MANY: 429,
    LaunchFault.SESSION_ENDED: 401,
    LaunchFault.UNAVAILABLE: 503,
}
