#!/bin/sh
# Checks with coreutils alone what a bundle proves of the ledger.
#
#   sh verify-log.sh BUNDLE [BUNDLE-BEFORE]
#
# metadata/log-proof.txt: this snapshot's line (`extra`, in base64) is the last of a ledger of so many lines with that root.
# metadata/log-consistency.txt: that ledger begins with the one of the bundle before, line for line.
# RFC 9162: a leaf is SHA-256(0x00, line), a node SHA-256(0x01, left, right).
# Exit code 0: both hold. 1: one does not.
set -u
LC_ALL=C
export LC_ALL
says() { echo "REJECTED: $1"; exit 1; }
hash() { sha256sum | cut -c -64 | tr a-f A-F | basenc --base16 -d | base64; }
node() { { printf '\001'; echo "$1" | base64 -d; echo "$2" | base64 -d; } | hash; }
reads() {
    extra='' index='' old='' hashes='' origin='' size='' root='' part=proof
    while IFS= read -r line; do
        case $part:$line in
            'proof:c2sp.org/tlog-proof@v1') ;;
            'proof:extra '*) extra=${line#extra } ;;
            'proof:index '*) index=${line#index } ;;
            'proof:old '*) old=${line#old } ;;
            proof:) part=origin ;;
            proof:*) hashes="$hashes $line" ;;
            origin:*) origin=$line part=size ;;
            size:*) size=$line part=root ;;
            root:*) root=$line part=end ;;
        esac
    done < "$1"
    case x$index$old$size in x*[!0-9]*) says "$1 holds a number that is none" ;; esac
    [ "$part" = end ] || says "$1 holds no checkpoint"
}

# The snapshot's line is the last one of its checkpoint, so that every hash of the proof stands to its left.
reads "$1/metadata/log-proof.txt"
snapshot=''
while IFS= read -r line; do
    case $line in 'Snapshot-Id: '*) snapshot=${line#*: } ;; esac
done < "$1/bag-info.txt"
case $(echo "$extra" | base64 -d) in
    *'"body":{"id":"'"$snapshot"'",'*) ;;
    *) says "the proof speaks of another snapshot than $snapshot" ;;
esac
[ $((index + 1)) = "$size" ] || says "the snapshot's line is not the last of its checkpoint"
found=$({ printf '\000'; echo "$extra" | base64 -d; } | hash)
for left in $hashes; do found=$(node "$left" "$found"); done
[ "$found" = "$root" ] || says "the ledger did not hold this snapshot"
echo "Line $size of $origin is snapshot $snapshot."
[ $# -gt 1 ] || exit 0

# From the hashes of the second proof both roots must follow: the one of the bundle before and this one's.
this="$origin $size $root"
reads "$2/metadata/log-proof.txt"
before="$origin $size" before_root=$root
reads "$1/metadata/log-consistency.txt"
[ "$origin $size $root" = "$this" ] || says "log-consistency.txt ends at another checkpoint than log-proof.txt"
[ "$origin $old" = "$before" ] || says "log-consistency.txt begins at another checkpoint than the bundle before"
if [ "$old" = "$size" ]; then
    [ "$before_root$hashes" = "$root" ] || says "the same size has two roots"
else
    place=$((old - 1)) last=$((size - 1))
    while [ $((place % 2)) = 1 ]; do place=$((place / 2)) last=$((last / 2)); done
    # Where the earlier tree was a whole one, its root is the first node and is not repeated.
    [ "$place" -gt 0 ] || hashes="$before_root $hashes"
    was='' is=''
    for hash in $hashes; do
        if [ -z "$was" ]; then
            was=$hash is=$hash
            continue
        fi
        [ "$last" -gt 0 ] || says "log-consistency.txt holds a hash too many"
        if [ $((place % 2)) = 1 ] || [ "$place" = "$last" ]; then
            was=$(node "$hash" "$was") is=$(node "$hash" "$is")
            while [ "$place" -gt 0 ] && [ $((place % 2)) = 0 ]; do place=$((place / 2)) last=$((last / 2)); done
        else
            is=$(node "$is" "$hash")
        fi
        place=$((place / 2)) last=$((last / 2))
    done
    [ "$last" = 0 ] && [ "$was" = "$before_root" ] && [ "$is" = "$root" ] || says "the ledger does not continue the one of the bundle before"
fi
echo "It continues the ledger of $old lines of the bundle before."
