"""How servers reject pictures: the model takes no pictures, or this call fails for another reason."""

import pytest

from rfqflow.llm.error_classification import Fault
from rfqflow.llm.pictures import may_be_about, takes_none


def fault(status: int, words: str) -> Fault:
    return Fault(status=status, words=words.lower())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Invalid content type. image_url is only supported by certain models."),
        (422, "messages[1]: unknown variant `image_url`, expected `text`"),
        (404, "No endpoints found that support image input"),
        (400, "This model is not a multimodal model"),
        (400, "At most 0 image(s) may be provided in one request."),
        (400, "The model does not support image input"),
        (400, "Image input is not supported for this model"),
        (422, "messages.1.content: Input should be a valid string"),
    ],
)
def test_all_known_messages_of_a_model_without_pictures_are_recognised(status, words):
    assert takes_none(fault(status, words), "")
    assert not takes_none(fault(status, words), words), "the customer wrote it"


@pytest.mark.parametrize(
    ("status", "words"),
    [(413, "Request entity too large"), (400, "The image could not be processed"), (400, "Invalid base64 image data"), (400, "No.")],
)  # fmt: skip
def test_a_picture_that_fails_says_nothing_about_the_model(status, words):
    assert not takes_none(fault(status, words), "")
    assert may_be_about(fault(status, words))
