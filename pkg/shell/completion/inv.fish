# Completion of `inv` for fish. Source this file from config.fish; `inv onboard --fix` does that.
# In a repo without these tasks it leaves the work to Invoke's own completion, which is slower.

function __inv_candidates # prints candidates, each with a tab and words for people
    set -l program (command -s inv); or return 1
    set -l typed (commandline -opc) (commandline -ct)
    set -e typed[1]
    set -l folder $PWD
    while not test -f $folder/pkg/shell/completion/complete.py
        if test -z "$folder" -o "$folder" = /
            invoke --complete -- inv $typed
            return
        end
        set folder (path dirname $folder)
    end
    set -l python (path dirname $program)/python
    set -l ask -I -S $folder/pkg/shell/completion/complete.py $folder "$FLY_SANDBOX" $typed
    set -l found ($python $ask)
    set -l ended $status
    if contains -- \tfiles $found # the word is a file, maybe behind `--option=`
        set -l option (string match -r -- '^--[^=]*=' "$typed[-1]")
        set found "$option"(__fish_complete_path (string replace -- "$option" '' "$typed[-1]"))
    end
    for line in $found
        echo -- $line
    end
    if test $ended = 3 # the tasks have changed, or were never kept: the next Tab knows
        fish -c "cd '$folder'; and '$python' -m pkg.shell.completion.cli" >/dev/null 2>&1 &
        disown
    end
end

complete -c inv -f -a '(__inv_candidates)'
