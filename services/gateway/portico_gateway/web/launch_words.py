"""What the pages of a SMART launch say, in both languages. Names and numbers beside it are the site's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from portico_core.language import Language
from portico_gateway.web.launch_faults import LaunchFault


@dataclass(frozen=True, slots=True)
class LaunchWords:
    """The words of one language; `faults` are lines that a patient can read."""

    assistant_title: str
    sign_out: str
    ended: str
    signed_out_title: str
    signed_out: str
    refused_title: str
    code: str
    faults: Mapping[LaunchFault, str]


WORDS: Mapping[Language, LaunchWords] = {
    Language.ENGLISH: LaunchWords(
        assistant_title="Health questions",
        sign_out="Sign out",
        ended="Your session has ended. Please open the assistant from your portal again.",
        signed_out_title="You are signed out",
        signed_out="This device has forgotten the conversation. To come back, open the assistant from your portal.",
        refused_title="The assistant could not be opened",
        code="Code",
        faults={
            LaunchFault.UNKNOWN_SERVER: "The page that opened the assistant is not one that this clinic knows.",
            LaunchFault.SERVER_DOWN: (
                "The sign-in service does not answer right now. Please try again in a few minutes."
            ),
            LaunchFault.EXPIRED: "This sign-in took too long or was used before. Please start again from your portal.",
            LaunchFault.REFUSED: (
                "The sign-in could not be confirmed. Please open the assistant from your portal again."
            ),
            LaunchFault.NO_PATIENT: (
                "The sign-in did not say which patient this is about. Please start from your portal."
            ),
            LaunchFault.NOT_ALLOWED: "The sign-in did not allow what the assistant needs.",
            LaunchFault.NOT_A_PATIENT: "The assistant is for patients and for those who act for them.",
            LaunchFault.TOO_MANY: "Many people are signing in right now. Please try again in a minute.",
            LaunchFault.SESSION_ENDED: "Your session has ended. Please open the assistant from your portal again.",
            LaunchFault.UNAVAILABLE: ("The assistant is not available right now. Please try again in a few minutes."),
        },
    ),
    Language.SPANISH: LaunchWords(
        assistant_title="Preguntas de salud",
        sign_out="Cerrar sesión",
        ended="Su sesión terminó. Abra de nuevo el asistente desde su portal.",
        signed_out_title="Su sesión está cerrada",
        signed_out="Este dispositivo olvidó la conversación. Para volver, abra el asistente desde su portal.",
        refused_title="No se pudo abrir el asistente",
        code="Código",
        faults={
            LaunchFault.UNKNOWN_SERVER: "Esta clínica no conoce la página que abrió el asistente.",
            LaunchFault.SERVER_DOWN: (
                "El servicio de inicio de sesión no responde en este momento. Intente de nuevo en unos minutos."
            ),
            LaunchFault.EXPIRED: (
                "Este inicio de sesión tardó demasiado o ya se usó. Empiece de nuevo desde su portal."
            ),
            LaunchFault.REFUSED: (
                "No se pudo confirmar el inicio de sesión. Abra de nuevo el asistente desde su portal."
            ),
            LaunchFault.NO_PATIENT: "El inicio de sesión no dijo de qué paciente se trata. Empiece desde su portal.",
            LaunchFault.NOT_ALLOWED: "El inicio de sesión no permitió lo que el asistente necesita.",
            LaunchFault.NOT_A_PATIENT: "El asistente es para pacientes y para quienes los representan.",
            LaunchFault.TOO_MANY: (
                "Muchas personas están iniciando sesión en este momento. Intente de nuevo en un minuto."
            ),
            LaunchFault.SESSION_ENDED: "Su sesión terminó. Abra de nuevo el asistente desde su portal.",
            LaunchFault.UNAVAILABLE: (
                "El asistente no está disponible en este momento. Intente de nuevo en unos minutos."
            ),
        },
    ),
}
