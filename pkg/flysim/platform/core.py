"""The platform: one state, and the requests that both doors make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike

from pkg.flysim.platform import operations, routes, tokens
from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.clock import Clock
from pkg.flysim.platform.faults import Faults
from pkg.flysim.platform.settings import DEFAULTS
from pkg.flysim.platform.store import Json, Session, Store

WAIT_SECONDS = 60.0
# No answer is held back for longer, whatever is asked for; flyctl asks for a minute at most.
LONGEST_WAIT = 300.0
POLL_SECONDS = 0.05


class _Request:
    """What a request brings, whatever transaction it is answered in."""

    __slots__ = ("body", "nonce", "params", "query", "token")

    def __init__(self, query: Mapping[str, str], body: object, token: str, nonce: str | None) -> None:
        self.params: dict[str, str] = {}
        self.query = query
        self.body = body
        self.token = token
        self.nonce = nonce

    def call(self, session: Session) -> Call:
        """The request within a transaction."""
        return Call(session, params=self.params, query=self.query, body=self.body, nonce=self.nonce)


class Platform:
    """The simulated Fly in a state folder; any number of processes and threads may use one folder at once."""

    def __init__(self, state_dir: str | PathLike[str]) -> None:
        self.store = Store(state_dir)
        self.clock = Clock(self.store)
        self._faults = Faults(self.store)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object | None = None,
        token: str | None,
        nonce: str | None = None,
    ) -> Response:
        """Answer a request of Fly's APIs.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: /v1/… (Machines API), /api/v1/… (releases, builds, logs, organizations) or /graphql.
            query: what stood behind the path's question mark.
            body: what its JSON held. For /graphql: `{"query": TEXT, "variables": {…}}`, or in place of a text
                its name under "graphql" or "operation", such as "query appcompact:app".
            token: the access token, with or without the scheme before it; None when there is none.
            nonce: the lease that the request changes a machine under (HTTP: fly-machine-lease-nonce).

        Returns:
            The answer; an error of the API is one too.

        Raises:
            StateError: the state cannot be read or written, which is no answer of Fly's.
        """
        request = _Request(query or {}, body, tokens.bare(token), nonce)
        names = [f"{method} {path}"]
        if query:
            names.append(f"{method} {path}?{'&'.join(f'{key}={value}' for key, value in query.items())}")
        if path == "/graphql":
            return self._graphql(request, names)
        found = routes.find(method, path)
        if found is None:
            return self._guarded(names, lambda: self._answer(request, _not_simulated(names[0]), reads=True))
        route, params = found
        request.params = _unquoted(params)
        if route.kind == routes.WAITS:
            return self._guarded(names, lambda: self._wait(request))
        return self._guarded(
            names, lambda: self._answer(request, route.answer, reads=route.kind == routes.READS)
        )

    def control(self, wanted: object) -> Json:
        """Set what `wanted` names, all of it or (SettingError) none; the settings as they are then."""
        from pkg.flysim.platform import control

        if wanted == {}:
            with self.store.read() as session:
                return control.current(session)
        with self.store.change() as session:
            control.apply(session, wanted)
            return control.current(session)

    @property
    def settings(self) -> Json:
        """What control has set, and the defaults of what it has not."""
        with self.store.read() as session:
            return {**DEFAULTS, **session.settings}

    def step(self, name: str) -> None:
        """Say that a named step is reached: the process dies here if control said so."""
        with self.store.read() as session:
            now_set = session.settings
        self._faults.step(now_set, name)

    def truncates(self, name: str) -> bool:
        """Whether control wants the output of that name (such as "flyctl status") cut short this time."""
        with self.store.read() as session:
            now_set = session.settings
        return self._faults.truncates(now_set, [name])

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def _guarded(self, names: list[str], answer: Callable[[], Response]) -> Response:
        """Answer; where faults are laid, with them."""
        with self.store.read() as session:
            laid = session.settings
        if not laid.keys() & {"fail", "die", "truncate"}:
            return answer()
        return self._faulty(names, answer, laid)

    def _faulty(self, names: list[str], answer: Callable[[], Response], laid: Json) -> Response:
        """Answer, with the faults and deaths that are laid before and after."""
        self._faults.step(laid, f"before {names[0]}")
        error = self._faults.error(laid, names, "before")
        if error:
            return error
        response = answer()
        self._faults.step(laid, f"after {names[0]}")
        error = self._faults.error(laid, names, "after")
        response.truncated = self._faults.truncates(laid, names)
        return error or response

    def _answer(self, request: _Request, answer: Callable[[Call], Response], *, reads: bool) -> Response:
        """Answer within one transaction; one that reads becomes a change where reads are counted."""
        try:
            with self.store.read() as session:
                call = self._admitted(session, request)
                if reads and not session.settings.get("reads"):
                    return answer(call)
            with self.store.change() as session:
                return answer(self._admitted(session, request))
        except ApiError as error:
            return error.response

    def _admitted(self, session: Session, request: _Request) -> Call:
        """The request within a transaction; 401 when its token opens nothing."""
        call = request.call(session)
        call.scope = tokens.admit(session, request.token, call.now)
        return call

    def _graphql(self, request: _Request, names: list[str]) -> Response:
        from pkg.flysim.platform import queries

        body = request.body if isinstance(request.body, dict) else {}
        given = body.get("variables")
        variables: Json = given if isinstance(given, dict) else {}
        name = body.get("graphql") or body.get("operation")
        try:
            if isinstance(name, str):
                operation = operations.named(name, variables)
            elif isinstance(body.get("query"), str):
                operation = _parsed(body["query"], variables)
            else:
                return ApiError(400, "a GraphQL request needs a query").response
        except operations.QueryError as error:
            return Response(200, {"data": None, "errors": [{"message": str(error)}]})

        def answer(call: Call) -> Response:
            return queries.answer(call, operation)

        names = [*names, operation.key]
        return self._guarded(
            names, lambda: self._answer(request, answer, reads=not queries.changes(operation))
        )

    def _wait(self, request: _Request) -> Response:
        """Look at a machine until it is in the state that is waited for, or the time is up: 408."""
        from pkg.flysim.platform.actions import Waiting

        deadline: float | None = None
        try:
            while True:
                with self.store.read() as session:
                    counting = session.settings.get("reads")
                with self.store.change() if counting else self.store.read() as session:
                    call = self._admitted(session, request)
                    seconds = min(call.seconds("timeout", WAIT_SECONDS), LONGEST_WAIT)
                    deadline = deadline or call.now + seconds
                    waiting = Waiting(call)
                if waiting.reached:
                    return Response(200, {"ok": True})
                if call.now >= deadline:
                    return _timed_out(request, waiting.machine["state"])
                self.clock.sleep(_pause(call.now, deadline, waiting.wake_at))
        except ApiError as error:
            return error.response


def _not_simulated(name: str) -> Callable[[Call], Response]:
    """What answers a request that the platform does not know: never with success."""

    def answer(_call: Call) -> Response:
        raise ApiError(501, f"not simulated: {name}")

    return answer


def _unquoted(params: dict[str, str]) -> dict[str, str]:
    """The values of a path, as they were before somebody put them into it."""
    if not any("%" in value for value in params.values()):
        return params
    from urllib.parse import unquote

    return {name: unquote(value) for name, value in params.items()}


def _parsed(text: str, variables: Json) -> operations.Operation:
    from pkg.flysim.platform import graphql

    return graphql.parse(text, variables)


def _pause(now: float, deadline: float, wake_at: float | None) -> float:
    """How long to sleep before looking again: others may change the machine meanwhile, so never for long."""
    until = min(deadline, wake_at) if wake_at else deadline
    return min(max(until - now, 0.001), POLL_SECONDS)


def _timed_out(request: _Request, state: str) -> Response:
    wanted = request.query.get("state") or "started"
    return ApiError(
        408,
        f"deadline_exceeded: machine failed to reach desired state, {wanted}, currently {state}",
    ).response
