#!/bin/busybox sh
# udhcpc calls this with an event and what the server said in the environment. It only writes that down, a fact a line
# and whole at once, where the agent reads it; addresses and routes are the agent's to set.
case $1 in
deconfig | bound | renew) ;;
*) exit 0 ;;
esac
printf '%s\n' "event=$1" "ip=$ip" "mask=$mask" "serverid=$serverid" "router=$router" "dns=$dns" "domain=$domain" \
  >"$SKEP_LEASE.new" && exec mv "$SKEP_LEASE.new" "$SKEP_LEASE"
