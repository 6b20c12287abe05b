. "$SOURCE/tests/cli/lib.sh"
"$PYTHON" - >trades.csv <<'END'
import random
random.seed(3)
print("market,time_us,id,price,size,side,received_us")
price = 1000
for i in range(1500):
    price = max(1, price + random.randrange(-5, 6))
    print(f"upbit:KRW-BTC,{(1795318320 + i * 7) * 1000000},{i + 1},{price / 10},{random.randrange(1, 50)},{random.choice(('buy', 'sell'))},")
print("x:A&B<C>,1795318320000000,1,5,1,buy,")
END
tape
check 0 '' chart upbit:KRW-BTC -i 5m --svg chart.svg
check 0 '' chart upbit:KRW-BTC -i 5m --html chart.html --tz Asia/Seoul
td ohlc upbit:KRW-BTC -i 5m --csv; cp out.txt candles.csv
# The shapes are those of the candles: as many, as they rise and fall, and as high beside each other.
"$PYTHON" - <<'END' || fail "the picture is not the candles"
import csv, re, xml.etree.ElementTree as tree
svg = "{http://www.w3.org/2000/svg}"
root = tree.parse("chart.svg").getroot()
rows = list(csv.DictReader(open("candles.csv")))
shapes = [group for group in root.iter(svg + "g")]
assert len(shapes) == len(rows), (len(shapes), len(rows))
high, low = max(float(r["high"]) for r in rows), min(float(r["low"]) for r in rows)
most = max(float(r["volume"]) for r in rows)
ends = [(float(g.find(svg + "line").get("y1")), float(g.find(svg + "line").get("y2"))) for g in shapes]
top, bottom = min(a for a, _ in ends), max(b for _, b in ends)
for row, group, (y_high, y_low) in zip(rows, shapes, ends):
    open_, close = float(row["open"]), float(row["close"])
    assert group.get("class") == ("up" if close >= open_ else "down"), row
    y = lambda price: top + (high - price) / (high - low) * (bottom - top)
    assert abs(y_high - y(float(row["high"]))) < 0.02 and abs(y_low - y(float(row["low"]))) < 0.02, row
    body, bar = group.findall(svg + "rect")
    assert abs(float(body.get("y")) - y(max(open_, close))) < 0.02, row
    assert abs(float(body.get("height")) - max(1, y(min(open_, close)) - y(max(open_, close)))) < 0.03, row
    assert abs(float(bar.get("height")) - float(row["volume"]) / most * 90) < 0.02, row
xs = [float(g.find(svg + "line").get("x1")) for g in shapes]
assert xs == sorted(xs) and len(set(xs)) == len(xs)
text = " ".join(t.text for t in root.iter(svg + "text"))
assert "upbit:KRW-BTC" in text and "candles of 5m" in text and "UTC" in text, text
page = open("chart.html", encoding="utf-8").read()
assert page.count("<svg ") == 1 and "KST" in page and not re.search(r'(src|href)=|url\(|@import', page), "the page needs something else"
tree.fromstring(re.search(r"<svg.*</svg>", page, re.S)[0])
END
check 0 '' chart 'x:A&B<C>' -i 1m --html odd.html
grep -q '<title>x:A&amp;B&lt;C&gt;</title>' odd.html || fail "a name is not escaped"
"$TAPEDECK" --db "$db" chart upbit:KRW-BTC -i 1m --svg /dev/stdout | head -c 4 | grep -q '<svg' || fail "to standard output"
refuse 2 'more than one picture' chart upbit:KRW-BTC -i 1m --svg a.svg --html a.html
refuse 2 "'watch' takes no --svg" watch --svg a.svg
refuse 1 'cannot be written' chart upbit:KRW-BTC -i 1m --svg nowhere/a.svg
refuse 2 'would destroy it' chart upbit:KRW-BTC -i 1m --svg "$db"
refuse 3 'there is no trade' chart upbit:KRW-BTC -i 1m --since 2027-01-01 --svg none.svg
[ ! -e none.svg ] && [ -z "$(ls | grep part-)" ] || fail "left behind: $(ls)"
