"""Title blocks of drawings: labelled boxes that together describe one item."""

from decimal import Decimal

import pytest

from rfqflow.core.lists import tables
from rfqflow.core.text.reading import Reading


def items(text: str) -> list[tuple[str, Decimal | None, str | None, str | None, str | None]]:
    return [
        (item.description, item.quantity, item.part_number, item.revision, item.material)
        for table in tables(Reading.of(text).lines)
        for item in table.items
    ]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("PART NO. 7-114-A\tTITLE HOUSING\tREV C\nMATERIAL EN-GJS-400-15\tQTY 250\tSCALE 1:2", ("HOUSING", 250, "7-114-A", "C", "EN-GJS-400-15")),
        ("Zeichnungs-Nr.: W-20871\tBenennung: Welle\nWerkstoff: 42CrMo4\tStückzahl: 40", ("Welle", 40, "W-20871", None, "42CrMo4")),
        ("N° de plan PL-3308\tDésignation Bride\tIndice D\nMatière 1.4301\tQuantité 120", ("Bride", 120, "PL-3308", "D", "1.4301")),
        ("Disegno n. DS-1190\tDenominazione Supporto\nMateriale S355J2\tQuantità 75 pz", ("Supporto", 75, "DS-1190", None, "S355J2")),
    ],
)  # fmt: skip
def test_a_title_block_is_one_item_in_several_languages(text, item):
    assert items(f"4x M8\nØ180\n{text}\nDRAWN J. Ward\tSHEET 1 OF 1") == [item]


def test_a_title_block_without_a_quantity_or_a_name_is_not_an_item():
    assert items("PART NO. 7-114\tTITLE HOUSING\nMATERIAL C45\tREV B") == []
    assert items("MATERIAL C45\tREV B\nQTY 4\tSCALE 1:1") == []


def test_the_parts_list_of_a_drawing_counts_and_its_title_block_does_not():
    listed = "ITEM\tPART NO\tDESCRIPTION\tQTY\n1\tFR-901\tSide plate\t8\n2\tFR-902\tCross bar\t12"
    assert [item[2] for item in items(f"{listed}\nASSEMBLY ASM-900\tTITLE FRAME\nREV A\tQTY 4")] == ["FR-901", "FR-902"]


def test_boxes_that_repeat_a_label_are_not_a_title_block():
    found = tables(Reading.of("Part A-1\tQty 5\nPart A-2\tQty 6\nPart A-3\tQty 7").lines)
    assert not any(table.is_block for table in found)
