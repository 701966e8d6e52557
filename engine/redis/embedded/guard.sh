#!/bin/sh
# Runs the embedded Redis and does not outlive Weir: it holds a pipe whose other end only Weir has. When that end is
# closed, by Weir or because Weir was killed, Redis is told to stop (SIGTERM: it writes and syncs its append-only file),
# and killed if it has not ended GRACE seconds later. Needs nothing but a POSIX shell; ends with Redis's own exit code.
#
# usage: guard.sh GRACE redis-server [arguments]    (standard input is the pipe)

grace=$1
shift
umask 077
# Redis 7.2 and newer refuse to start under a locale that the machine does not have.
export LC_ALL=C

exec 3<&0 </dev/null
"$@" 3<&- &
redis=$!
{
  read -r _ <&3
  kill -TERM "$redis" 2>/dev/null
  while [ "$grace" -gt 0 ] && kill -0 "$redis" 2>/dev/null; do
    sleep 1
    grace=$((grace - 1))
  done
  kill -KILL "$redis" 2>/dev/null
} >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$redis"
code=$?
kill "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
exit "$code"
