# ask.zsh COMPLETION_FILE LINE: prints what zsh inserts when Tab is pressed behind the line. zsh completes only on a
# terminal, so a second one runs on a terminal of this script's.
zmodload zsh/zpty || exit 1
setopt extendedglob
zpty shell zsh -f -i

cat >setup.zsh <<END
PROMPT= PROMPT2= RPROMPT=
fpath=(${1:h} \$fpath)
autoload -Uz compinit && compinit -u -D && autoload -Uz _minnow && compdef _minnow minnow
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
compprefuncs=(mark)
comppostfuncs=(exit)
mark() { print -r -- '<here>' }
print ready\$((1))
END
zpty -w shell 'source ./setup.zsh'
while zpty -r shell line && [[ $line != *ready1* ]]; do :; done

zpty -n -w shell "$2"$'\t'
integer here=0
while zpty -r shell line; do
    line=${line//[$'\r\n']}
    (( here )) && line=${line//$'\e'\[[0-9;?]#[a-zA-Z]} && print -r -- ${line//[[:cntrl:]]}
    [[ $line != *'<here>' ]] || here=1
done
zpty -d shell
