. "$SOURCE/tests/cli/lib.sh"
small_tape
td export; cp out.txt want.csv
# An open descriptor is written to, and what is behind it stays the same file.
echo head >log.txt; node=$(stat -c %i log.txt)
for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
	echo head >log.txt
	"$TAPEDECK" --db "$db" export -o $name >>log.txt 2>err.txt || fail "-o $name: $(cat err.txt)"
	same "-o $name" "$(echo head; cat want.csv)" "$(cat log.txt)"
	same "the file behind -o $name" "$node" "$(stat -c %i log.txt)"
done
"$TAPEDECK" --db "$db" export -o /dev/stdout | cmp - want.csv || fail "-o /dev/stdout into a pipe"
"$TAPEDECK" --db "$db" export -o >(gzip >x.gz; : >done) 2>err.txt || fail "-o >(gzip): $(cat err.txt)"
for _ in {1..100}; do [ -e done ] && break; sleep 0.05; done
gzip -dc x.gz | cmp - want.csv || fail "-o >(gzip >x.gz)"
"$TAPEDECK" --db "$db" export -o /dev/fd/9 9>nine.csv || fail "-o /dev/fd/9"; cmp nine.csv want.csv || fail "-o /dev/fd/9 differs"
mkfifo fifo; cat fifo >from_fifo & "$TAPEDECK" --db "$db" export -o fifo || fail "-o fifo"; wait $!; cmp from_fifo want.csv || fail "through a fifo"
"$TAPEDECK" --db "$db" export -o /dev/stdout 2>err.txt | head -n 1 >/dev/null; same "the reader goes" 0 "${PIPESTATUS[0]}"
# None of ours, open or to come: the tape's own files are opened behind this check.
for fd in 3 4 5 6 7 8 9; do eval "exec $fd>&-"; done # what came with us
for fd in 3 4 5 6 7 8 9; do refuse 2 'no descriptor of that number is open' export -o /dev/fd/$fd; done
"$TAPEDECK" --db "$db" export -o /dev/stdout >/dev/full 2>err.txt; same "a full disk behind it" 1 $?
# The ending is the form, unless one is asked for.
td export --json; cp out.txt want.json; td export --ndjson; cp out.txt want.ndjson; td export --tsv; cp out.txt want.tsv
for ending in csv json ndjson tsv; do
	td export -o "x.$ending"; same "-o x.$ending" 0 "$code"; cmp "x.$ending" "want.$ending" || fail "x.$ending"
done
td export --csv -o y.json; cmp y.json want.csv || fail "--csv -o y.json"
td export -o plain; cmp plain want.csv || fail "-o plain"
# What is not written is refused, with what makes it.
refuse 2 '-o x.gz: .* \| gzip >x.gz' export -o x.gz
refuse 2 '\| zstd >a.csv.ZST' export -o a.csv.ZST
refuse 2 'parquet is not written; -o FILE.csv is' export -o x.parquet
for ending in db sqlite3 duckdb pq PQ; do
	refuse 2 "is not written; -o FILE.csv is" export -o "x.$ending"
done
[ ! -e x.parquet ] && [ ! -e x.db ] && [ ! -e x.pq ] && [ ! -e a.csv.ZST ] || fail "a file was made"
refuse 2 '-o takes the name of a file' export -o ''
