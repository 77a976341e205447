"""The requests that commands make, as the real flyctl makes them; recorded: http.jsonl."""

from __future__ import annotations

from pkg.flysim.flyctl.errors import ApiFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkg.flysim.platform import Platform

    Json = dict[str, Any]
ERROR = 400


class Api:
    """The platform as one person's token sees it."""

    def __init__(self, state: str, token: str, platform: Platform | None = None) -> None:
        self._state = state
        self._platform = platform
        # A header holds no broken characters; recorded nowhere, and no reason to fail.
        self.token = token.encode("utf-8", "replace").decode("utf-8")

    @property
    def platform(self) -> Platform:
        """The platform; it is opened by the first who asks: `version` needs none."""
        if self._platform is None:
            from pkg.flysim.platform import Platform

            self._platform = Platform(self._state)
        return self._platform

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: object = None,
        nonce: str | None = None,
    ) -> Any:  # noqa: ANN401 -- JSON: who asks knows what the answer is
        """Make one request.

        Raises:
            ApiFailed: the answer is an error, with Fly's message, or was cut short.
        """
        answer = self.platform.request(method, path, query=query, body=body, token=self.token, nonce=nonce)
        if answer.truncated:
            raise ApiFailed(answer.status, "unexpected EOF")
        if answer.status >= ERROR:
            error = answer.body.get("error", "") if isinstance(answer.body, dict) else ""
            raise ApiFailed(answer.status, error or f"unexpected status {answer.status}")
        return answer.body

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 -- as above
        """GET."""
        return self.request("GET", path, query=query)

    def post(self, path: str, body: object = None, *, nonce: str | None = None, **query: str) -> Any:  # noqa: ANN401
        """POST."""
        return self.request("POST", path, body=body, query=query, nonce=nonce)

    def delete(self, path: str, *, nonce: str | None = None, **query: str) -> Any:  # noqa: ANN401 -- as above
        """DELETE."""
        return self.request("DELETE", path, query=query, nonce=nonce)

    def graphql(self, operation: str, **variables: object) -> Json:
        """One GraphQL operation, by its kind and root field; the answer is its `data`.

        Raises:
            ApiFailed: the answer has errors.
        """
        answer = self.post("/graphql", {"operation": operation, "variables": variables})
        errors = answer.get("errors") or []
        if errors:
            raise ApiFailed(200, str(errors[0]["message"]))
        data: Json = answer["data"]
        return data
