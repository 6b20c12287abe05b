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
for program in gzip zstd; do
	command -v $program >/dev/null || { refuse 1 'zstd is not installed' export -o a.csv.zst; continue; }
	ending=${program:0:1}; [ $program = gzip ] && ending=gz || ending=zst
	"$TAPEDECK" --db "$db" export -o "packed.csv.$ending" || fail "-o packed.csv.$ending"
	$program -dc <"packed.csv.$ending" | cmp - want.csv || fail "what is in packed.csv.$ending"
	"$TAPEDECK" --db "$db" export -o "packed.${ending^^}" && $program -dc <"packed.${ending^^}" | cmp - want.csv || fail "packed.${ending^^}"
	"$TAPEDECK" --db "$db" export -o "packed.json.$ending" && $program -dc <"packed.json.$ending" | head -n 1 | grep -qx '\[' || fail "packed.json.$ending"
done
refuse 1 'packed' export -o /dev/full/packed.csv.gz
PATH=/nowhere "$TAPEDECK" --db "$db" export -o lost.csv.gz 2>err.txt && fail "without gzip"
grep -q 'gzip is not installed' err.txt || fail "without gzip: $(cat err.txt)"
[ ! -e lost.csv.gz ] && [ -z "$(ls | grep part-)" ] || fail "left behind: $(ls)"
refuse 2 '.parquet is not written' export -o x.parquet.gz
refuse 2 'parquet is not written; -o FILE.csv is' export -o x.parquet
for ending in db sqlite3 duckdb pq PQ; do
	refuse 2 "is not written; -o FILE.csv is" export -o "x.$ending"
done
[ ! -e x.parquet ] && [ ! -e x.db ] && [ ! -e x.pq ] && [ ! -e a.csv.ZST ] || fail "a file was made"
refuse 2 '-o takes the name of a file' export -o ''
