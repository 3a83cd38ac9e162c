"""The built-in wording of the fixed texts, with places for a site's own numbers. It awaits clinician review."""

from collections.abc import Mapping

from portico_core.language import Language

# Routes other than an answer, and kinds of them: each must hold the emergency and the crisis number.
MESSAGES: Mapping[Language, Mapping[str, str]] = {
    Language.ENGLISH: {
        "escalate": (
            "This is a question for your care team, so I have passed it on to a person. They will reply here. "
            "If you need to talk to someone sooner, call {clinic} at {phone}. If it becomes an emergency, call "
            "{emergency}. If you feel unsafe or think about harming yourself, {crisis_line}."
        ),
        "escalate_unqueued": (
            "This is a question for a person, and I could not pass it on just now. Please call {clinic} at {phone}. "
            "If it is an emergency, call {emergency}. If you feel unsafe or think about harming yourself, "
            "{crisis_line}."
        ),
        "escalate_paused": (
            "Answers by the assistant are switched off for now, so I have passed your question on to a person. They "
            "will reply here. Until then you can read about medicines, tests and procedures under Health topics. If "
            "you need to talk to someone sooner, call {clinic} at {phone}. If it becomes an emergency, call "
            "{emergency}. If you feel unsafe or think about harming yourself, {crisis_line}."
        ),
        "emergency": (
            "This may be a medical emergency. Call {emergency} now, or have someone call for you. Do not drive "
            "yourself. Do not wait for a reply here. If you think about harming yourself, you can also {crisis_line}."
        ),
        "crisis": (
            "I am glad you wrote. You do not have to go through this alone. {Crisis_now} now to talk with a trained "
            "counselor, free and at any hour. If you or someone else is in danger, or something was taken or done, "
            "call {emergency} now. {violence_line}A person from your care team is being told right away."
        ),
        "attack": (
            "I cannot help with that request. I can answer general questions about medicines, procedures, lab tests "
            "and this portal. For anything else call {clinic} at {phone}. In an emergency call {emergency}; in a "
            "crisis {crisis_line}."
        ),
        "decline": (
            "That is outside what I can help with. I can answer general questions about medicines, procedures, lab "
            "tests and this portal, for example: What is metformin used for? In an emergency call {emergency}; in a "
            "crisis {crisis_line}."
        ),
        "unavailable": (
            "I cannot answer right now. Please try again in a few minutes, or call {clinic} at {phone}. If this is an "
            "emergency, call {emergency}. If you feel unsafe or think about harming yourself, {crisis_line}."
        ),
    },
    Language.SPANISH: {
        "escalate": (
            "Esta pregunta es para su equipo de atención, y ya la pasé a una persona. Le responderán aquí. Si necesita "
            "hablar antes, llame a {clinic} al {phone}. Si es una emergencia, llame al {emergency}. Si piensa en "
            "hacerse daño, {crisis_line}."
        ),
        "escalate_unqueued": (
            "Esta pregunta es para una persona y ahora no pude pasarla. Llame a {clinic} al {phone}. Si es una "
            "emergencia, llame al {emergency}. Si piensa en hacerse daño, {crisis_line}."
        ),
        "escalate_paused": (
            "Por ahora las respuestas del asistente están desactivadas, así que ya pasé su pregunta a una persona. Le "
            "responderán aquí. Mientras tanto puede leer sobre medicinas, pruebas y procedimientos en Temas de salud. "
            "Si necesita hablar antes, llame a {clinic} al {phone}. Si es una emergencia, llame al {emergency}. Si "
            "piensa en hacerse daño, {crisis_line}."
        ),
        "emergency": (
            "Esto puede ser una emergencia médica. Llame al {emergency} ahora o pida a alguien que llame. No maneje. "
            "No espere una respuesta aquí. Si piensa en hacerse daño, {crisis_line}."
        ),
        "crisis": (
            "Me alegra que haya escrito. No tiene que pasar por esto a solas. {Crisis_now}, gratis y a cualquier hora. "
            "Si usted u otra persona está en peligro, llame al {emergency} ahora. {violence_line}Ya se está avisando "
            "a una persona de su equipo."
        ),
        "attack": (
            "No puedo ayudar con eso. Puedo responder preguntas generales sobre medicinas, procedimientos, pruebas de "
            "laboratorio y este portal. Para lo demás llame a {clinic} al {phone}. En una emergencia llame al "
            "{emergency}; en una crisis {crisis_line}."
        ),
        "decline": (
            "No puedo ayudar con ese tema. Puedo responder preguntas generales sobre medicinas, procedimientos, "
            "pruebas de laboratorio y este portal. En una emergencia llame al {emergency}; en una crisis {crisis_line}."
        ),
        "unavailable": (
            "Ahora no puedo responder. Intente de nuevo en unos minutos o llame a {clinic} al {phone}. Si es una "
            "emergencia, llame al {emergency}. Si piensa en hacerse daño, {crisis_line}."
        ),
    },
}
# Everything around them. `if_worse` to `link_text` are said by the widget, also while this server is down.
PHRASES: Mapping[Language, Mapping[str, str]] = {
    Language.ENGLISH: {
        "call_emergency": "Call {emergency}",
        "call_crisis": "Call {crisis}",
        "text_crisis": "Text {crisis_text}",
        "call_clinic": "Call {clinic}",
        "health_topics": "Health topics",
        "disclosure": "This reply comes from an AI assistant. It gives general education, not medical advice.",
        "reach_person": "To reach a person, call {clinic}: {phone}",
        "violence_line": "If a partner or a family member hurts you, call {violence}.",
        "after_error": "For emergencies call {emergency}; in a crisis {crisis_line}.",
        "short_disclosure": "Answers come from an AI. General information, not medical advice.",
        "if_worse": "If you feel worse before then, do not wait: call your clinic, or {emergency}.",
        "not_for_emergencies": "Not for emergencies: call {emergency}. In a crisis {crisis_line}.",
        "link_emergency": "call {emergency}",
        "link_text": "text {crisis_text}",
    },
    Language.SPANISH: {
        "call_emergency": "Llame al {emergency}",
        "call_crisis": "Llame al {crisis}",
        "text_crisis": "Envíe un mensaje al {crisis_text}",
        "call_clinic": "Llame a {clinic}",
        "health_topics": "Temas de salud",
        "disclosure": "Esta respuesta viene de un asistente de IA. Da información general, no consejo médico.",
        "reach_person": "Para hablar con una persona, llame al {clinic}: {phone}",
        "violence_line": "Si su pareja o un familiar le hace daño, llame al {violence}.",
        "after_error": "En una emergencia llame al {emergency}; en una crisis {crisis_line}.",
        "short_disclosure": "Responde una IA. Información general, no consejo médico.",
        "if_worse": "Si se siente peor antes, no espere: llame a su clínica o al {emergency}.",
        "not_for_emergencies": "No es para emergencias: llame al {emergency}. En una crisis {crisis_line}.",
        "link_emergency": "llame al {emergency}",
        "link_text": "envíe un texto al {crisis_text}",
    },
}
# The way to the crisis line, whose forms differ by whether it reads messages, and under which number.
ONE_NUMBER = {
    Language.ENGLISH: {"crisis_line": "call or text {crisis}", "link_crisis": "call"},
    Language.SPANISH: {"crisis_line": "llame o envíe un mensaje al {crisis}", "link_crisis": "llame"},
}
TWO_NUMBERS = {
    Language.ENGLISH: {"crisis_line": "call {crisis} or text {crisis_text}", "link_crisis": "call {crisis}"},
    Language.SPANISH: {
        "crisis_line": "llame al {crisis} o envíe un mensaje al {crisis_text}",
        "link_crisis": "llame al {crisis}",
    },
}
CALLS_ONLY = {
    Language.ENGLISH: {"crisis_line": "call {crisis}", "link_crisis": "call {crisis}"},
    Language.SPANISH: {"crisis_line": "llame al {crisis}", "link_crisis": "llame al {crisis}"},
}
