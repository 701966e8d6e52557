#!/bin/sh
# Runs the embedded Redis, and stops it when Weir ends. It reads from a pipe whose other end only Weir holds. When that
# end closes, because Weir closed it or was killed, the guard sends SIGTERM to Redis, which writes and syncs its
# append-only file, and kills it if it has not ended GRACE seconds later. Needs only a POSIX shell; exits with the exit
# code of Redis.
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
