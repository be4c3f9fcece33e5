"""Starts an analysis, follows it, reads what it found, is refused, cancels one: all with the generated client.

    python analyze.py http://127.0.0.1:8000 [KEY]
"""

import sys
from http import HTTPStatus

from httpx import Timeout

from generated.analysis_jobs_client import AuthenticatedClient, Client
from generated.analysis_jobs_client.api.analysis import start_analysis
from generated.analysis_jobs_client.api.runs import cancel_run, get_run_result, get_run_status, list_run_events
from generated.analysis_jobs_client.api.signals import list_signals
from generated.analysis_jobs_client.models import AnalyzeOptions, AnalyzeRequest, CancelRequest, ErrorBody, RunState


# A wait of 20 seconds needs more patience than the client has by itself.
def connect(base, key=None):
    patience = Timeout(60)
    return AuthenticatedClient(base, token=key, timeout=patience) if key else Client(base, timeout=patience)


# Answers at each change: a line per step, no busy polling.
def follow(client, run_id):
    while True:
        status = get_run_status.sync(run_id, client=client, prefer="wait=20").data
        print(f"{status.progress_percent:3} % {status.phase_label or 'waits for a worker'}")
        if status.completed_at:
            return status


def analyze(client):
    started = start_analysis.sync(client=client, idempotency_key="python-1").data
    status = follow(client, started.run_id)
    result = get_run_result.sync(started.run_id, client=client).data.result
    for signal in result.signals:
        print(f"{signal.ticker:6} {signal.prediction} {signal.confidence:.2f}")
    return status, result


# `sync_detailed` has status and headers too; an error is an ErrorBody whose `code` never changes its meaning.
def is_refused(answer, status, code):
    assert (answer.status_code, type(answer.parsed)) == (status, ErrorBody), answer
    assert answer.parsed.error.code == code, answer.parsed
    return answer.parsed.error


def refusals(client):
    started = start_analysis.sync(client=client).data
    error = is_refused(start_analysis.sync_detailed(client=client), HTTPStatus.CONFLICT, "ANALYSIS_ALREADY_RUNNING")
    assert error.details.active_run.run_id == started.run_id

    body = AnalyzeRequest(options=AnalyzeOptions(post_limit=101))
    error = is_refused(
        start_analysis.sync_detailed(client=client, body=body), HTTPStatus.UNPROCESSABLE_ENTITY, "VALIDATION_ERROR"
    )
    assert (error.details.field, error.details.constraint) == ("options.post_limit", "maximum")

    is_refused(get_run_status.sync_detailed(999_999, client=client), HTTPStatus.NOT_FOUND, "NOT_FOUND")
    return started.run_id


def cancel(client, run_id):
    canceled = cancel_run.sync(run_id, client=client, body=CancelRequest(reason="seen enough")).data
    assert canceled.accepted and canceled.run_id == run_id
    return follow(client, run_id)


def main(base, key=None):
    client = connect(base, key)
    status, result = analyze(client)
    assert status.status == RunState.COMPLETED and result.signals, status
    listed = list_signals.sync(client=client, limit=100)
    assert {signal.id for signal in result.signals} <= {signal.id for signal in listed.data}
    events = list_run_events.sync(status.run_id, client=client, limit=100)
    assert [event.event_seq for event in events.data] == list(range(1, events.meta.last_seq + 1))
    again = start_analysis.sync_detailed(client=client, idempotency_key="python-1")
    assert again.parsed.data.run_id == status.run_id and again.headers["idempotency-replayed"] == "true"

    run_id = refusals(client)
    assert cancel(client, run_id).status == RunState.CANCELED
    print("python: all of it works")


main(*sys.argv[1:])
