# Completion of `inv` for zsh. Source this file from ~/.zshrc; `inv onboard --fix` does that.
# In a repo without these tasks it leaves the work to Invoke's own completion, which is slower.

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }

_inv_candidates() { # WORD…: prints candidates, each with a tab and words for people; $'\tfiles' for files
    local program=${commands[inv]} folder=$PWD python
    [[ -n $program ]] || return 1
    while [[ ! -f $folder/pkg/shell/completion/complete.py ]]; do
        if [[ -z $folder ]]; then
            invoke --complete -- inv "$@"
            printf '\tfiles\n'
            return
        fi
        folder=${folder%/*}
    done
    python=${program:h}/python
    set -- -I -S "$folder/pkg/shell/completion/complete.py" "$folder" "${FLY_SANDBOX-}" "$@"
    "$python" "$@"
    if [[ $? = 3 ]]; then # the tasks have changed, or were never kept: the next Tab knows
        (cd "$folder" && "$python" -m pkg.shell.completion.cli >/dev/null 2>&1 &)
    fi
}

_inv() {
    local line files
    local -a found shown
    for line in "${(@f)$(_inv_candidates "${(@Q)words[2,CURRENT]}")}"; do
        case $line in
        '') ;;
        $'\tfiles') files=1 ;;
        *)
            found+=("${line%%$'\t'*}")
            shown+=("${line/$'\t'/  }")
            ;;
        esac
    done
    if (( $#found )); then
        compadd -l -d shown -a found
    elif [[ -n $files ]]; then
        compset -P '--*='
        _files
    fi
}

compdef _inv inv
