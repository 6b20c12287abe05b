. "$SOURCE/tests/cli/lib.sh"
# Twenty minutes: up, down, a pause, and a jump whose volume is half of all; prices that no float holds.
{
	echo market,time_us,id,price,size,side,received_us
	at=1795318320 id=100
	for price in 100 101 102.5 101.25 103 104 102 101 100.5 99 98.00000001 98.5 99.25 100 104 104.123456789012; do
		for step in 0 20; do
			echo "x:Y,$((at + step))000000,$((id += 1)),$price,0.1,buy,"
		done
		at=$((at + 60))
		[ "$id" != 120 ] || at=$((at + 240))
	done
	echo "x:Y,${at}000000,999,101.5,3.2,sell,"
} >trades.csv
tape

# as Unicode, in steps of half a row
LC_ALL=C.UTF-8 COLUMNS=72 LINES=18 check 0 "$(cat <<'END'
x:Y  candles of 1m  from 2026-11-22 03:32  to 2026-11-22 03:53 UTC
open 100  high 104.123456789012  low 98.00000001  close 101.5
volume 6.4  trades 33
     ╹            ╹╹  104.123456789012

    ╹
  ╹   ╻
                    ╻ 101.5
 ╻ ╹   ╻
        ╹
╹                ╹
                ╻
         ╹     ╻
              ╻       98.00000001
                    █ 3.2
                    █
▂▂▂▂▂▂▂▂▂▂    ▂▂▂▂▂▂█
────────┬─────────┬──
        03:40     03:50
END
)" chart x:Y -i 1m

# neighbours merged, and the last column ends with the range
LC_ALL=C.UTF-8 COLUMNS=30 LINES=18 check 0 "$(cat <<'END'
x:Y  candles of 1m
one column is 2 of them
from 2026-11-22 03:32
to 2026-11-22 03:51 UTC
open 100  high 104
low 98.00000001  close 104
volume 3  trades 30
  ┃      ╹ 104
  ┃
 ▄╹
 █ ▄
 █ █
╻▀ █
┃   █
╹   █   ┃
    █   ┃
    ▀  ╻
       ┃   98.00000001
█████  ██  0.4
█████  ██▄
█████  ███
───────┬──
       03:46
END
)" chart x:Y -i 1m --since 2026-11-22 --until 2026-11-22T03:51Z

# plain ASCII where the locale is not UTF-8
LC_ALL=C COLUMNS=72 LINES=18 check 0 "$(cat <<'END'
x:Y  candles of 5m  from 2026-11-22 03:30  to 2026-11-22 03:55 UTC
open 100  high 104.123456789012  low 98.00000001  close 101.5
volume 6.4  trades 33
 |  # 104.123456789012
 |  #
 |  #
o|  #
o|  # 101.5
o#
o #
o #o
  #o
  #o
   o  98.00000001
    # 3.6
    #
:#:##
+----
03:30
END
)" chart x:Y -i 5m --since 2026-11-22

# and where it is asked for; half minutes come from the trades
LC_ALL=C.UTF-8 COLUMNS=72 LINES=18 check 0 "$(cat <<'END'
x:Y  candles of 30s  from 2026-11-22 03:44:00
to 2026-11-22 03:52:30 UTC
open 98.00000001  high 104.123456789012  low 98.00000001  close 101.5
volume 4.4  trades 13
            o o   104.123456789012



                o 101.5


          o
        o
      o
    o             98.00000001
                # 3.2
                #
    : : : : : : #
--+---------+----
  03:45:00  03:50:00
END
)" chart x:Y -i 30s --since 2026-11-22T03:44Z --ascii

# No line is wider than asked for, at any width.
for columns in 30 31 40 79 80 200; do
	LC_ALL=C.UTF-8 COLUMNS=$columns td chart x:Y -i 15s --since 2026-11-22
	[ "$(LC_ALL=C.UTF-8 wc -L <out.txt)" -le "$columns" ] || fail "wider than $columns"
	grep -q 'high 104.123456789012' out.txt && grep -q 'low 98.00000001' out.txt || fail "no exact sums at $columns: $out"
done
LC_ALL=C.UTF-8 COLUMNS=nonsense td chart x:Y -i 1m
same "exit code with nonsense in COLUMNS" 0 "$code"
LC_ALL=C td chart x:Y -i 1m
LC_ALL=C grep -q '[^ -~]' out.txt && fail "not ASCII in the C locale"
refuse 3 'no trade of x:Y in that range' chart x:Y -i 1m --since 2026-11-23
refuse 3 'no trade of x:Y in that range' chart x:Y -i 1m --until 2026-11-22
refuse 3 'no trade of x:Y in that range' chart x:Y -i 1m --since 2026-11-22T03:42 --until 2026-11-22T03:44
exit 0
