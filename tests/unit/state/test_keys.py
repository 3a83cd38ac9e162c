"""Names of keys: one slot a tenant, and no id from outside that stands for another key."""

import pytest

from portico_core.errors import ConfigurationError, NotFound
from portico_state.identifiers import new_conversation_id, new_id
from portico_state.keys import Keys


def test_names_start_with_the_tenant_in_braces() -> None:
    assert Keys("demo").conversation("c1") == "portico:{demo}:conversation:c1"
    assert Keys("demo").audit == "portico:{demo}:audit"


@pytest.mark.parametrize("name", ["", "a:b", "../x", "c1:messages", "a b", "é", "x" * 81, "*", "{other}", "a\n"])
def test_an_id_that_could_stand_for_another_key_is_not_found(name: str) -> None:
    for make in (Keys("demo").conversation, Keys("demo").vault, Keys("demo").ticket, Keys("demo").events):
        with pytest.raises(NotFound):
            make(name)


@pytest.mark.parametrize("tenant", ["", "A", "a b", "{a}", "a}b", "-a", "x" * 64, "a:b"])
def test_a_tenant_must_have_its_form(tenant: str) -> None:
    with pytest.raises(ConfigurationError):
        Keys(tenant)


def test_ids_are_unique_ordered_by_time_and_fit_keys() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert [text[:13] for text in ids] == sorted(text[:13] for text in ids)
    assert {text[14] for text in ids} == {"7"}
    assert all(Keys("demo").once(text, "end") for text in ids)
    assert len({new_conversation_id() for _ in range(1_000)}) == 1_000
    assert len(new_conversation_id()) * 6 >= 128
