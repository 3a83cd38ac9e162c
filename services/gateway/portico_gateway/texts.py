"""The fixed texts a patient sees when no answer is given. Local and constant, so that they come with every part down.

Sources: 911 and 988 wording follows 988lifeline.org and the American Heart Association's public advice to call 911
for warning signs; the domestic violence line is thehotline.org. AI disclosure: California AB 3030.
The texts await clinician review.
"""

from dataclasses import dataclass

from portico_core.labels import Label, Route
from portico_core.turn import Contact, Disclosure


@dataclass(frozen=True, slots=True)
class SiteTexts:
    """Fixed texts of one site, by language (`en`, `es`)."""

    clinic_name: str
    clinic_phone: str
    education_url: str = "https://medlineplus.gov/"

    def message(
        self, route: Route, label: Label | None, *, locale: str, reply_by: str | None = None, paused: bool = False
    ) -> str | None:
        """Return the text for a route, or None for an answer. `paused`: an operator has turned answers off."""
        if route is Route.ANSWER:
            return None
        language = "es" if _is_spanish(locale) else "en"
        key = "attack" if route is Route.DECLINE and label is Label.ATTACK else route.value
        if route is Route.ESCALATE and reply_by is None:
            key = "escalate_unqueued"
        elif route is Route.ESCALATE and paused:
            key = "escalate_paused"
        return _MESSAGES[language][key].format(clinic=self.clinic_name, phone=self.clinic_phone)

    def contacts(self, locale: str, *, with_education: bool = False) -> list[Contact]:
        """Return emergency, crisis and clinic contacts, in that order, and where to read if nothing is answered."""
        spanish = _is_spanish(locale)
        reading = Contact(label="Temas de salud" if spanish else "Health topics", uri=self.education_url)
        return [
            Contact(label="Llame al 911" if spanish else "Call 911", uri="tel:911"),
            Contact(label="Llame al 988 (oprima 2)" if spanish else "Call 988", uri="tel:988"),
            Contact(label="Envíe AYUDA al 988" if spanish else "Text 988", uri="sms:988"),
            Contact(
                label=f"Llame a {self.clinic_name}" if spanish else f"Call {self.clinic_name}",
                uri=f"tel:{self.clinic_phone}",
            ),
            *([reading] if with_education else []),
        ]

    def disclosure(self, locale: str) -> Disclosure:
        """Return the AI disclosure and the way to a person."""
        spanish = _is_spanish(locale)
        text = _DISCLOSURE["es" if spanish else "en"]
        reach = "Para hablar con una persona, llame al" if spanish else "To reach a person, call"
        return Disclosure(text=text, human_contact=f"{reach} {self.clinic_name}: {self.clinic_phone}")


def _is_spanish(locale: str) -> bool:
    return locale.casefold().replace("_", "-").split("-")[0] == "es"


_DISCLOSURE = {
    "en": "This reply comes from an AI assistant. It gives general education, not medical advice.",
    "es": "Esta respuesta viene de un asistente de IA. Da información general, no consejo médico.",
}

_MESSAGES = {
    "en": {
        "escalate": (
            "This is a question for your care team, so I have passed it on to a person. They will reply here. "
            "If you need to talk to someone sooner, call {clinic} at {phone}. If it becomes an emergency, call 911. "
            "If you feel unsafe or think about harming yourself, call or text 988."
        ),
        "escalate_unqueued": (
            "This is a question for a person, and I could not pass it on just now. Please call {clinic} at {phone}. "
            "If it is an emergency, call 911. If you feel unsafe or think about harming yourself, call or text 988."
        ),
        "escalate_paused": (
            "Answers by the assistant are switched off for now, so I have passed your question on to a person. They "
            "will reply here. Until then you can read about medicines, tests and procedures under Health topics. If "
            "you need to talk to someone sooner, call {clinic} at {phone}. If it becomes an emergency, call 911. If "
            "you feel unsafe or think about harming yourself, call or text 988."
        ),
        "emergency": (
            "This may be a medical emergency. Call 911 now, or have someone call for you. Do not drive yourself. "
            "Do not wait for a reply here. If you think about harming yourself, you can also call or text 988."
        ),
        "crisis": (
            "I am glad you wrote. You do not have to go through this alone. Call or text 988 now to talk with a "
            "trained counselor, free and at any hour. If you or someone else is in danger, or something was taken "
            "or done, call 911 now. If a partner or a family member hurts you, the National Domestic Violence Hotline "
            "is 1-800-799-7233. A person from your care team is being told right away."
        ),
        "attack": (
            "I cannot help with that request. I can answer general questions about medicines, procedures, lab tests "
            "and this portal. For anything else call {clinic} at {phone}. In an emergency call 911; in a crisis call "
            "or text 988."
        ),
        "decline": (
            "That is outside what I can help with. I can answer general questions about medicines, procedures, lab "
            "tests and this portal, for example: What is metformin used for? In an emergency call 911; in a crisis "
            "call or text 988."
        ),
        "unavailable": (
            "I cannot answer right now. Please try again in a few minutes, or call {clinic} at {phone}. If this is an "
            "emergency, call 911. If you feel unsafe or think about harming yourself, call or text 988."
        ),
    },
    "es": {
        "escalate": (
            "Esta pregunta es para su equipo de atención, y ya la pasé a una persona. Le responderán aquí. Si necesita "
            "hablar antes, llame a {clinic} al {phone}. Si es una emergencia, llame al 911. Si piensa en hacerse daño, "
            "llame o envíe un mensaje al 988."
        ),
        "escalate_unqueued": (
            "Esta pregunta es para una persona y ahora no pude pasarla. Llame a {clinic} al {phone}. Si es una "
            "emergencia, llame al 911. Si piensa en hacerse daño, llame o envíe un mensaje al 988."
        ),
        "escalate_paused": (
            "Por ahora las respuestas del asistente están desactivadas, así que ya pasé su pregunta a una persona. Le "
            "responderán aquí. Mientras tanto puede leer sobre medicinas, pruebas y procedimientos en Temas de salud. "
            "Si necesita hablar antes, llame a {clinic} al {phone}. Si es una emergencia, llame al 911. Si piensa en "
            "hacerse daño, llame o envíe un mensaje al 988."
        ),
        "emergency": (
            "Esto puede ser una emergencia médica. Llame al 911 ahora o pida a alguien que llame. No maneje. No espere "
            "una respuesta aquí. Si piensa en hacerse daño, también puede llamar o enviar un mensaje al 988."
        ),
        "crisis": (
            "Me alegra que haya escrito. No tiene que pasar por esto a solas. Llame al 988 y oprima 2, o envíe AYUDA "
            "al 988, gratis y a cualquier hora. Si usted u otra persona está en peligro, llame al 911 ahora. Si su "
            "pareja o un familiar le hace daño, llame al 1-800-799-7233. Ya se está avisando a una persona de su "
            "equipo."
        ),
        "attack": (
            "No puedo ayudar con eso. Puedo responder preguntas generales sobre medicinas, procedimientos, pruebas de "
            "laboratorio y este portal. Para lo demás llame a {clinic} al {phone}. En una emergencia llame al 911; en "
            "una crisis, al 988."
        ),
        "decline": (
            "No puedo ayudar con ese tema. Puedo responder preguntas generales sobre medicinas, procedimientos, "
            "pruebas de laboratorio y este portal. En una emergencia llame al 911; en una crisis, al 988."
        ),
        "unavailable": (
            "Ahora no puedo responder. Intente de nuevo en unos minutos o llame a {clinic} al {phone}. Si es una "
            "emergencia, llame al 911. Si piensa en hacerse daño, llame o envíe un mensaje al 988."
        ),
    },
}
