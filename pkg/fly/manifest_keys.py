"""The keys that flyctl knows in a manifest: it drops any other without a word.

They are those of Config and what it holds in flyctl's internal/appconfig (config.go, service.go,
toplevelcheck.go) and of MachinePort, MachineGuest and the rest in fly-go's machine_types.go, with older
names that it still takes. A table that is not named here is not looked into: that is for flyctl to say.
"""

from collections.abc import Iterator, Mapping

Place = tuple[str | int, ...]
Names = tuple[str, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MOUNT = _words("""
    source destination initial_size snapshot_retention scheduled_snapshots auto_extend_size_threshold
    auto_extend_size_increment auto_extend_size_limit processes
    """)
_VM = _words("""
    size memory cpu_kind cpus memory_mb gpus gpu_kind host_dedication_id persist_rootfs kernel_args processes
    """)
_TCP_CHECK = _words("interval timeout grace_period restart_limit kind")
_HTTP_CHECK = _TCP_CHECK | _words("method path protocol tls_skip_verify tls_server_name headers")
_SERVICE = _words("""
    internal_port auto_stop_machines auto_start_machines min_machines_running processes concurrency
    tcp_checks machine_checks
    """)

# By the keys that lead to a table; the items of a list stand at the list's own name, named tables at "*".
KNOWN: dict[Names, frozenset[str]] = {
    (): _words("""
        app primary_region kill_signal kill_timeout swap_size_mb console_command host_dedication_id
        machine_config container experimental build deploy env processes schedules mount mounts
        http_service services checks machine_checks files restart vm statics metrics
        """),
    ("experimental",): _words("""
        cmd entrypoint exec auto_rollback enable_consul enable_etcd lazy_load_images attached machine_config
        use_zstd compression compression_level
        """),
    ("build",): _words("""
        builder args buildpacks image settings builtin dockerfile ignorefile build-target build_target compose
        """),
    ("deploy",): _words("""
        strategy max_unavailable wait_timeout release_command release_command_timeout release_command_vm
        seed_command
        """),
    ("deploy", "release_command_vm"): _VM,
    ("mount",): _MOUNT,
    ("mounts",): _MOUNT,
    ("http_service",): _SERVICE | _words("force_https tls_options http_options proxy_proto_options checks"),
    ("http_service", "checks"): _HTTP_CHECK,
    ("http_service", "tcp_checks"): _TCP_CHECK,
    ("services",): _SERVICE | _words("protocol ports http_checks script_checks"),
    ("services", "ports"): _words("""
        port start_port end_port handlers force_https tls_options http_options proxy_proto_options
        """),
    ("services", "http_checks"): _HTTP_CHECK,
    ("services", "tcp_checks"): _TCP_CHECK,
    ("checks", "*"): _HTTP_CHECK | _words("name port type processes"),
    ("files",): _words("guest_path local_path secret_name raw_value processes"),
    ("restart",): _words("policy retries max_retries processes"),
    ("vm",): _VM,
    ("statics",): _words("guest_path url_prefix tigris_bucket index_document"),
    ("metrics",): _words("port path https processes"),
}


def unknown(table: Mapping[str, object], names: Names = (), place: Place = ()) -> Iterator[Place]:
    """Yield the place of each key that flyctl does not know, as in ("services", 0, "ports", 1, "handler").

    Args:
        table: a manifest, as TOML holds it, or a table of one.
        names: the keys of KNOWN that lead to it.
        place: the keys and numbers that lead to it.
    """
    for key, value in table.items():
        if names in KNOWN and key not in KNOWN[names]:
            yield (*place, key)
            continue
        below = (*names, "*" if names == ("checks",) else key)
        if isinstance(value, dict):
            yield from unknown(value, below, (*place, key))
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield from unknown(item, below, (*place, key, index))


def instead(place: Place) -> str:
    """Return the known key that one was probably meant to be; empty when none is near."""
    from difflib import get_close_matches

    *above, key = place
    names = tuple(name for name in above if isinstance(name, str))
    if names[:1] == ("checks",):
        names = ("checks", "*")
    near = get_close_matches(str(key), sorted(KNOWN.get(names, ())), 1)
    return near[0] if near else ""
