#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cmocka.sh PROGRAM: run a unit test.  cmocka 1.1.5 calls a skipped test "not
# ok N # SKIP", which readers of TAP take for a failure; here it becomes "ok".
{
	status=$({
		{
			"$@" 3>&- 4>&-
			echo $? >&3
		} | sed 's/^not \(ok [0-9]* # SKIP\)/\1/' >&4
	} 3>&1)
} 4>&1
exit "$status"
