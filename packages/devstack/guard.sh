#!/bin/sh
# Runs a command that cannot outlive the process that started us: guard.sh command [argument …]
#
# Standard input is a pipe whose only write end our parent holds; it closes when the parent ends for any reason, kill -9
# included. Descriptor 4 gets the command's process id. We lead a session of our own (the parent starts us so), and
# when the command ends or the pipe closes, whatever lives in that session gets TERM, and KILL after five seconds.
exec 3<&0
"$@" 3<&- 4>&- &
command=$!
echo $command >&4
exec 4>&-

closed=
trap 'closed=1' USR1
# Said again and again: a signal that comes just before `wait` would be lost on it.
(read -r _ <&3; while kill -USR1 $$; do sleep 0.2; done) 2>/dev/null &
watcher=$!

# Sends $1 to every process of our session but ourselves (and the sed that looks); `left` names them.
# A line of stat: process id, name in brackets, state, parent, group, session. Z is dead already.
sweep() {
  left=$(sed -nE "/^$$ /d; /^[0-9]+ \(sed\) . $$ /d; s/^([0-9]+) .*\) [^Z] [0-9]+ [0-9]+ $$ .*/\1/p" /proc/[0-9]*/stat 2>/dev/null)
  # shellcheck disable=SC2086 # a list of ids
  if [ "$left" ]; then kill "-$1" $left 2>/dev/null; fi
}

wait $command
code=$?
kill $watcher 2>/dev/null
sweep TERM
# Five seconds in all; the first looks come soon, because most programs end at once.
for pause in 0.02 0.03 0.05 0.1 0.2 0.2 0.2 0.2 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5; do
  if [ ! "$left" ]; then break; fi
  sleep $pause
  sweep 0
done
if [ "$left" ]; then sweep KILL; fi
# Interrupted by the pipe, the first `wait` did not bring the command's own code.
if [ $closed ]; then
  wait $command
  code=$?
fi
exit $code
