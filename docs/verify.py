"""verify.py DIR [HASH]: 0 whole and holds the record HASH, 1 tampered, 2 cannot read, 3 no HASH given, torn, in flight or empty"""
import hashlib, json, pathlib, re, sys
def cut_short(line):  # the beginning of a record, with nothing or the next gate's frame behind it
    try: return json.loads(line) and False
    except ValueError as why: return line[-7:] == b"<torn>\n" or not ("Extra" in str(why) or re.search(rb"[^ -~]", line))
def verify(log, anchor=None):
    torn, flying, hashes, files = b"", [], ["0" * 64], sorted(pathlib.Path(log).iterdir())
    for line in (line for file in files if file.suffix == ".jsonl" for line in re.findall(rb"[^\n]+\n?|\n", file.read_bytes())):
        parts = re.fullmatch(rb'{"h":"([0-9a-f]{64})","r":({"v":1,[ -~]+})}\n?', line)
        r = json.loads(parts[2]) if parts and hashlib.sha256(b"\0" + parts[2]).hexdigest().encode() == parts[1] else {}
        note = {"bytes": len(torn[:-7]), "sha256": hashlib.sha256(torn[:-7]).hexdigest()}
        if [*map(r.get, ("seq", "prev", "torn"))] == [len(hashes) - 1, hashes[-1], note if torn or r.get("type") == "repair" else None]:
            torn, flying = b"", r["open"]; hashes.append(parts[1].decode())
        elif cut_short(line): torn += line
        else: return 1, f"tampered: record {len(hashes) - 1}"
    if anchor and anchor not in hashes: return 1, f"tampered: the anchored record {anchor} is gone"
    return 0 if anchor and not torn and not flying and line.endswith(b"\n") else 3, f"{len(hashes) - 1} records, in flight {flying}"
if __name__ == "__main__":
    try: sys.exit(print((said := verify(*sys.argv[1:]))[1]) or said[0])
    except OSError as why: sys.exit(print(why) or 2)
