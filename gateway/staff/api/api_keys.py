"""API keys, made and ended by admins."""

from __future__ import annotations

from gateway.identity.api.common import ID_PATTERN, of_merchant, require_fresh
from gateway.identity.api_keys import NewKey
from gateway.identity.models import ApiKey
from gateway.staff.schemas import ApiKeyGiven, ApiKeyRequest, ApiKeyShown, Rotation
from gateway.web.endpoints import Answer, Call, Page, Subject

subject = Subject("api-keys", "API keys: how programs are let in")

KEY_ID = {"key_id": ID_PATTERN}


def to_response(row: ApiKey) -> ApiKeyShown:
    """A key without its secret."""
    return ApiKeyShown.model_validate(row)


def new_key_response(made: NewKey) -> ApiKeyGiven:
    """A key with its secret, this once."""
    return ApiKeyGiven(key=to_response(made.key), token=made.token)


@subject.post(
    "/api-keys",
    name="createApiKey",
    summary="Makes an API key; its token is shown this once",
    body=ApiKeyRequest,
    answers={201: ApiKeyGiven},
    codes=["KEY_INVALID", "LOGIN_TOO_OLD"],
    owner=of_merchant,
)
def create_api_key(call: Call[ApiKeyRequest]) -> Answer:
    """The log-in must be fresh."""
    require_fresh(call)
    body = call.body
    made = call.gateway.people.api_keys.create(
        call.principal,
        name=body.name,
        scopes=body.scopes,
        requests_per_minute=body.requests_per_minute,
        expires_at=body.expires_at,
    )
    return Answer(201, new_key_response(made))


@subject.get(
    "/api-keys", name="listApiKeys", summary="All API keys", answers={200: Page[ApiKeyShown]}, owner=of_merchant
)
def list_api_keys(call: Call[None]) -> Answer:
    """Newest first."""
    return Answer(200, Page[ApiKeyShown](items=[to_response(row) for row in call.gateway.people.api_keys.list()]))


@subject.get(
    "/api-keys/{key_id}",
    name="getApiKey",
    summary="One API key",
    answers={200: ApiKeyShown},
    owner=of_merchant,
    path_patterns=KEY_ID,
)
def get_api_key(call: Call[None]) -> Answer:
    """And when it was last used."""
    return Answer(200, to_response(call.gateway.people.api_keys.get(call.path["key_id"])))


@subject.post(
    "/api-keys/{key_id}/rotate",
    name="rotateApiKey",
    summary="Gives the key a new secret; the one before stays good for a while",
    body=Rotation,
    answers={200: ApiKeyGiven},
    codes=["KEY_INVALID", "LOGIN_TOO_OLD"],
    owner=of_merchant,
    path_patterns=KEY_ID,
)
def rotate_api_key(call: Call[Rotation]) -> Answer:
    """The log-in must be fresh."""
    require_fresh(call)
    made = call.gateway.people.api_keys.rotate(
        call.principal, call.path["key_id"], overlap_seconds=call.body.overlap_seconds
    )
    return Answer(200, new_key_response(made))


@subject.post(
    "/api-keys/{key_id}/revoke",
    name="revokeApiKey",
    summary="Ends the key at once",
    answers={200: ApiKeyShown},
    owner=of_merchant,
    path_patterns=KEY_ID,
)
def revoke_api_key(call: Call[None]) -> Answer:
    """Also with a log-in that is not fresh: it may be urgent."""
    return Answer(200, to_response(call.gateway.people.api_keys.revoke(call.principal, call.path["key_id"])))
