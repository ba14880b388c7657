# SPDX-License-Identifier: Apache-2.0
# manners.awk: from webd's log, for each host: requests, the most of them at
# a time, and the time from the first to the last in milliseconds.  A request counts from when
# it came to when its answer was ready, so two at a time were truly two.
BEGIN { FS = "\t" }
{
	host = $8
	sub(/:.*/, "", host)
	i = n[host]++
	from[host, i] = $6
	to[host, i] = $7
}
END {
	for (host in n) {
		most = 0
		first = last = from[host, 0]
		for (i = 0; i < n[host]; i++) {
			at_once = 0
			for (j = 0; j < n[host]; j++)
				if (from[host, j] <= from[host, i] &&
				    to[host, j] > from[host, i])
					at_once++
			if (at_once > most)
				most = at_once
			if (from[host, i] < first)
				first = from[host, i]
			if (from[host, i] > last)
				last = from[host, i]
		}
		print host, n[host], most, last - first
	}
}
