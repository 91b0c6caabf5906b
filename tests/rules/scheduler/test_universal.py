import pytest

from fogline.services.scheduler.universal import READ_ONLY, find_action

PREFIX = "arn:aws:scheduler:::aws-sdk:"


@pytest.mark.parametrize(
    ("text", "service", "operation"),
    [
        ("sqs:sendMessage", "sqs", "SendMessage"),
        ("SQS:SendMessage", "sqs", "SendMessage"),
        ("eventbridge:putEvents", "events", "PutEvents"),
        ("sfn:startExecution", "stepfunctions", "StartExecution"),
        ("cloudwatchlogs:putLogEvents", "logs", "PutLogEvents"),
        ("cognitoidentityprovider:adminCreateUser", "cognito-idp", "AdminCreateUser"),
    ],
)
def test_an_action_is_found_by_the_names_of_the_sdk(text, service, operation):
    action = find_action(PREFIX + text)
    assert (action.service, action.operation) == (service, operation)


@pytest.mark.parametrize(
    "arn",
    [
        PREFIX,
        f"{PREFIX}sqs",
        f"{PREFIX}sqs:",
        f"{PREFIX}sqs:send:message",
        f"{PREFIX}:sendMessage",
        "arn:aws:scheduler:us-east-1:000000000000:aws-sdk:sqs:sendMessage",
        "arn:aws:sqs:us-east-1:000000000000:queue",
    ],
)
def test_nothing_else_is_an_action(arn):
    assert find_action(arn) is None


@pytest.mark.parametrize("word", READ_ONLY)
def test_what_only_reads_is_known_by_its_first_word(word):
    assert find_action(f"{PREFIX}any:{word}Things").is_read_only
    assert find_action(f"{PREFIX}any:{word}").is_read_only


@pytest.mark.parametrize(
    "action", ["sendMessage", "startQueryExecution", "listenToThings", "getter"]
)
def test_what_changes_something_is_not(action):
    assert not find_action(f"{PREFIX}any:{action}").is_read_only
