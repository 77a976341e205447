# Completion of `inv` for bash. Source this file from ~/.bashrc; `inv onboard --fix` does that.
# In a repo without these tasks it leaves the work to Invoke's own completion, which is slower.

_inv_candidates() { # WORD…: prints candidates, each with a tab and words for people; $'\tfiles' for files
    local program folder=$PWD python
    program=$(type -P inv) || return 1
    while [[ ! -f $folder/pkg/shell/completion/complete.py ]]; do
        if [[ -z $folder ]]; then
            invoke --complete -- inv "$@"
            printf '\tfiles\n'
            return
        fi
        folder=${folder%/*}
    done
    python=${program%/*}/python
    set -- -I -S "$folder/pkg/shell/completion/complete.py" "$folder" "${FLY_SANDBOX-}" "$@"
    "$python" "$@"
    if [[ $? = 3 ]]; then # the tasks have changed, or were never kept: the next Tab knows
        (cd "$folder" && "$python" -m pkg.shell.completion.cli >/dev/null 2>&1 &)
    fi
}

_inv_files() { # BEGINNING: has bash complete a file, where nothing else fits; bash 3.2 has no compopt
    local line
    compopt -o default 2>/dev/null && return
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(compgen -f -- "$1")
}

_inv() {
    local current=${COMP_WORDS[COMP_CWORD]} line
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line = $'\tfiles' ]]; then
            _inv_files "${current#=}"
            continue
        fi
        line=${line%%$'\t'*}
        # bash splits at `=`: of `--app=in` it completes the `in`.
        if [[ $current = = || ${COMP_WORDS[COMP_CWORD - 1]} = = ]]; then
            line=${line#*=}
        fi
        COMPREPLY+=("$line")
    done < <(_inv_candidates "${COMP_WORDS[@]:1:COMP_CWORD}")
}

complete -F _inv inv
