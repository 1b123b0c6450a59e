#!/bin/sh
# Checks an evidence bundle with coreutils, find and openssl (3.0 or later) alone; nothing of the bundle is run.
#
#   sh verify.sh BUNDLE [fingerprint=HEX] [trust=SIGNER.crt time=TIME.crt] [previous=BUNDLE]
#
# fingerprint  what you were told through another channel: the SHA-512 of tagmanifest-sha512.txt
# trust        the certificate of who signs, or of its authority; asked for wherever a bundle is signed
# time         the certificate of who dates, or of its root; goes with trust
# previous     the bundle before this one, to see that this one follows it and that the ledger went on from there
#
# Take this script, or the commands in it, from where you trust it: a copy beside what it checks can be changed with it.
# Exit code 0: everything is as the bundle says. 1: it is not, and each reason stands on a line of its own.
set -uf
LC_ALL=C
export LC_ALL
bundle=${1:-.}
[ $# -gt 0 ] && shift
fingerprint='' trust='' time='' previous=''
for given in "$@"; do
    case $given in
        fingerprint=*) fingerprint=${given#*=} ;;
        trust=*) trust=$(realpath "${given#*=}") ;;
        time=*) time=$(realpath "${given#*=}") ;;
        previous=*) previous=$(realpath "${given#*=}") ;;
        *) echo "not understood: $given"; exit 2 ;;
    esac
done
[ -n "$trust" ] || [ -z "$time" ] || { echo "time= goes with trust="; exit 2; }
[ -z "$trust" ] || [ -n "$time" ] || { echo "trust= goes with time=: a signature is checked at the time of its token"; exit 2; }
cd "$bundle" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -r "$work"' EXIT
wrong=0
says() { echo "REJECTED: $1"; wrong=1; }

# 1. Plain files with plain names, and nothing that leads elsewhere; otherwise nothing more is read.
[ -z "$(find . ! -type f ! -type d)" ] || says "it holds a link or a special file"
[ -z "$(find . -name '*[!A-Za-z0-9._-]*')" ] || says "it holds a name with unusual characters"
for file in bagit.txt bag-info.txt manifest-sha512.txt tagmanifest-sha512.txt metadata/omissions.json; do
    [ -f "$file" ] || says "$file is missing"
done
[ "$wrong" = 0 ] || exit 1
[ "$(cat bagit.txt)" = "$(printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8')" ] || says "bagit.txt is another one"

# 2. Every file has the hash that the manifests state.
sha512sum --check --strict --quiet tagmanifest-sha512.txt || says "a tag file is not what tagmanifest-sha512.txt says"
sha512sum --check --strict --quiet manifest-sha512.txt || says "a file in data is not what manifest-sha512.txt says"
for file in manifest-sha512.txt tagmanifest-sha512.txt; do
    [ -z "$(tail -c 1 "$file")" ] || says "the last line of $file was cut off"
done

# 3. Every file stands in exactly one manifest, and nothing is there besides.
cut -c 131- manifest-sha512.txt | sort > "$work/payload"
cut -c 131- tagmanifest-sha512.txt | sort > "$work/tags"
find data -type f | sort > "$work/in_data"
find . -type f ! -path './data/*' ! -path './signatures/*' ! -path ./tagmanifest-sha512.txt | cut -c 3- | sort > "$work/outside"
for name in $(comm -3 "$work/payload" "$work/in_data"); do says "$name is not both in data and in manifest-sha512.txt"; done
for name in $(comm -3 "$work/tags" "$work/outside"); do says "$name is not both there and in tagmanifest-sha512.txt"; done
[ -z "$(find . -type d -empty)" ] || says "it holds an empty folder"

# 4. The size that bag-info.txt states.
size=0 count=0
for bytes in $(find data -type f -printf '%s\n'); do size=$((size + bytes)) count=$((count + 1)); done
oxum='' before='' snapshot='' content=''
while IFS= read -r line; do
    case $line in
        'Payload-Oxum: '*) oxum="$oxum${line#*: }" ;;
        'Previous-Tagmanifest-SHA512: '*) before="$before${line#*: }" ;;
        'Snapshot-Id: '*) snapshot="$snapshot${line#*: }" ;;
        'Snapshot-Content-SHA256: '*) content="$content${line#*: }" ;;
    esac
done < bag-info.txt
[ "$oxum" = "$size.$count" ] || says "Payload-Oxum states $oxum, there are $size.$count (bytes.files)"
[ "$wrong" = 0 ] || exit 1

# 5. The fingerprint, and the bundle before.
found=$(sha512sum tagmanifest-sha512.txt | cut -c -128)
[ -z "$fingerprint" ] || [ "$fingerprint" = "$found" ] || says "its fingerprint is not the one that you were told"
if [ -n "$previous" ]; then
    [ "$before" = "$(sha512sum "$previous/tagmanifest-sha512.txt" | cut -c -128)" ] || says "it does not follow that bundle"
fi

# 6. The ledger (RFC 9162): a leaf is SHA-256(0x00, line), a node SHA-256(0x01, left, right). The proof's `extra` line is the
#    snapshot's line in base64. It is the last one of its checkpoint, so that every hash of the proof stands to its left.
hash() { sha256sum | cut -c -64 | tr a-f A-F | basenc --base16 -d | base64; }
node() { { printf '\001'; echo "$1" | base64 -d; echo "$2" | base64 -d; } | hash; }
reads() {
    extra='' index=0 old=0 hashes='' origin='' size=0 root='' part=proof
    [ -f "$1" ] || { says "$1 is missing"; return 1; }
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
    case $index$old$size in *[!0-9]*) says "$1 holds a number that is none"; return 1 ;; esac
    [ "$part" = end ] || { says "$1 holds no checkpoint"; return 1; }
}
holds() {
    reads metadata/log-proof.txt || return
    case $(echo "$extra" | base64 -d 2> "$work/base64") in
        *'"content_hash":"'"$content"'","body":{"id":"'"$snapshot"'",'*) ;;
        *) says "the ledger's proof speaks of another snapshot than $snapshot" ;;
    esac
    root_found=$({ printf '\000'; echo "$extra" | base64 -d; } 2> "$work/base64" | hash)
    for left in $hashes; do root_found=$(node "$left" "$root_found" 2> "$work/base64"); done
    [ $((index + 1)) = "$size" ] && [ "$root_found" = "$root" ] || says "the ledger did not hold this snapshot"
}
# The second proof: from its hashes both roots must follow, the one of the bundle before and this one's (RFC 9162, 2.1.4.2).
continues() {
    reads metadata/log-proof.txt || return
    this="$origin $size $root"
    reads "$previous/metadata/log-proof.txt" || return
    earlier="$origin $size" was_root=$root
    reads metadata/log-consistency.txt || return
    [ "$origin $size $root" = "$this" ] && [ "$origin $old" = "$earlier" ] || { says "the ledger's proofs do not meet"; return; }
    was='' is='' place=$((old - 1)) last=$((size - 1))
    while [ $((place % 2)) = 1 ]; do place=$((place / 2)) last=$((last / 2)); done
    # Where the earlier tree was a perfect one, its root is the first node and is not repeated.
    [ "$place" -gt 0 ] || hashes="$was_root $hashes"
    [ "$old" != "$size" ] || hashes=$was_root last=0
    for hash in $hashes; do
        if [ -z "$was" ]; then
            was=$hash is=$hash
            continue
        fi
        [ "$last" -gt 0 ] || was=''
        if [ $((place % 2)) = 1 ] || [ "$place" = "$last" ]; then
            was=$(node "$hash" "$was") is=$(node "$hash" "$is")
            while [ "$place" -gt 0 ] && [ $((place % 2)) = 0 ]; do place=$((place / 2)) last=$((last / 2)); done
        else
            is=$(node "$is" "$hash")
        fi
        place=$((place / 2)) last=$((last / 2))
    done
    [ "$last" = 0 ] && [ "$was" = "$was_root" ] && [ "$is" = "$root" ] || says "the ledger does not continue that of the bundle before"
}
holds
[ -z "$previous" ] || continues

# 7. Each release: a signature over tagmanifest-sha512.txt, a token that dates it, and a statement, signed by the same key, that names
#    both. The certificate must stand under the one that you trust, and have been valid at the time of the token. -no-CApath,
#    because otherwise every authority that this system knows would do.
signer() {
    openssl cms -verify -binary -inform DER -in "$1" -content "$2" -CAfile "$trust" -no-CApath -no-CAstore -partial_chain \
        -purpose any -attime "$at" -signer "$work/signer" -out "$work/signed" 2> "$work/openssl" \
        || { says "$1 does not stand under that certificate"; return; }
    certificates=0
    while IFS= read -r line; do
        case $line in *BEGIN*) certificates=$((certificates + 1)) ;; esac
    done < "$work/signer"
    [ "$certificates" = 1 ] || says "$1 is by $certificates certificates"
    openssl x509 -in "$work/signer" -noout -pubkey -out "$work/key"
    openssl dgst -sha512 -verify "$work/key" -signature "$3" "$4" > "$work/openssl" 2>&1 || says "$3 is not by the key that signed the bundle"
    by=$(openssl x509 -in "$work/signer" -outform DER | sha256sum | cut -c -64)
}
release() {
    stated='' certificate='' of_signature='' of_token='' at='' by=none
    for file in "$1.p7s" "$1.tsr" "$1.statement.txt" "$1.statement.sig"; do
        [ -f "$file" ] || { says "$file is missing"; return; }
    done
    openssl ts -verify -in "$1.tsr" -data "$1.p7s" -CAfile "$time" > "$work/openssl" 2>&1 \
        || { says "$1.tsr: nobody whom you trust gave a time for this signature"; return; }
    openssl ts -reply -in "$1.tsr" -text > "$work/token" 2> "$work/openssl"
    while IFS= read -r line; do
        case $line in 'Time stamp: '*) at=$(date -u -d "${line#*: }" +%s) ;; esac
    done < "$work/token"
    signer "$1.p7s" tagmanifest-sha512.txt "$1.statement.sig" "$1.statement.txt"
    while IFS= read -r line; do
        case $line in
            'Fingerprint: '*) stated="$stated${line#*: }" ;;
            'Signer-Certificate-SHA256: '*) certificate="$certificate${line#*: }" ;;
            'Signature-SHA512: '*) of_signature="$of_signature${line#*: }" ;;
            'Token-SHA512: '*) of_token="$of_token${line#*: }" ;;
            'Prepared-By: '* | 'Reviewed-By: '* | 'Approved-By: '* | 'Signer: '* | 'Time: '*) echo "$line" >> "$work/told" ;;
        esac
    done < "$1.statement.txt"
    [ "$stated" = "$found" ] || says "$1.statement.txt is of another bundle"
    [ "$of_signature" = "$(sha512sum "$1.p7s" | cut -c -128)" ] || says "$1.statement.txt is of another signature"
    [ "$of_token" = "$(sha512sum "$1.tsr" | cut -c -128)" ] || says "$1.statement.txt is of another token"
    [ "$by" = "$certificate" ] || says "$1.statement.txt names another certificate than the one that signed"
}
releases='' signed=0
[ ! -d signatures ] || for path in $(find signatures -mindepth 1); do
    name=${path#signatures/} number=${path#signatures/release-} signed=1
    number=${number%%.*}
    case $number in '' | 0* | *[!0-9]* | ????*) number='*' ;; esac
    case $name in
        "release-$number.p7s" | "release-$number.tsr" | "release-$number.statement.txt" | "release-$number.statement.sig") ;;
        *) says "$path is no part of a release"; continue ;;
    esac
    case " $releases " in *" $number "*) ;; *) releases="$releases $number" ;; esac
done
if [ -z "$trust" ]; then
    [ "$signed" = 0 ] || says "it is signed, and you named no certificates to check that against (trust=SIGNER.crt time=TIME.crt)"
else
    [ -n "$releases" ] || says "it is not signed"
    for number in $releases; do release "signatures/release-$number"; done
fi
[ "$wrong" = 0 ] || exit 1
[ "$signed" = 1 ] || echo "A draft: nobody has signed it. It holds together, which proves nothing about who made it."
[ ! -f "$work/told" ] || cat "$work/told"
echo "Fingerprint: $found"
