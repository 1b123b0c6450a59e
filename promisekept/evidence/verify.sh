#!/bin/sh
# Checks an evidence bundle with coreutils, find and openssl (3.0 or later) alone; nothing of the bundle is run.
#
#   sh verify.sh BUNDLE [fingerprint=HEX] [trust=SIGNER.crt time=TIME.crt] [previous=BUNDLE] [zip=BUNDLE.zip]
#
# BUNDLE       its folder. None of these tools unpacks a ZIP: unpack it with one of yours, and name the ZIP as zip=
# fingerprint  what you received through another channel: the SHA-512 of tagmanifest-sha512.txt
# trust        the certificate of who signs, or of its authority; asked for wherever a bundle is signed
# time         the certificate of who dates, or of its root; goes with trust
# previous     the folder of the bundle before this one, to see that this one follows it and that the ledger went on from there
# zip          the ZIP that BUNDLE was unpacked from, to see that it holds these files and not a byte besides
#
# Take this script, or the commands in it, from where you trust it: a copy beside what it checks can be changed with it.
# Exit code 0: everything is as the bundle states. 1: it is not, and each reason stands on a line of its own.
set -uf
LC_ALL=C
export LC_ALL
bundle=${1:-.}
[ $# -gt 0 ] && shift
fingerprint='' trust='' time='' previous='' zip=''
for given in "$@"; do
    case $given in
        fingerprint=*) fingerprint=${given#*=} ;;
        trust=*) trust=$(realpath "${given#*=}") ;;
        time=*) time=$(realpath "${given#*=}") ;;
        previous=*) previous=$(realpath "${given#*=}") ;;
        zip=*) zip=$(realpath "${given#*=}") ;;
        *) echo "not understood: $given"; exit 2 ;;
    esac
done
[ -n "$trust" ] || [ -z "$time" ] || { echo "time= goes with trust="; exit 2; }
[ -z "$trust" ] || [ -n "$time" ] || { echo "trust= goes with time=: a signature is checked at the time of its token"; exit 2; }
work=$(mktemp -d) || exit 2
trap 'rm -r "$work"' EXIT
wrong=0
reject() { echo "REJECTED: $1"; wrong=1; }

# 0. A ZIP holds one entry after the other, then their directory, then its end, and not a byte before, between or after them: no
#    comment, no second archive, no data descriptor, nothing that two programs could read in two ways.
number() { n=0; for byte in $1; do n=$((n * 256 + byte)); done; }
zip_holds() {
    [ -f "$zip" ] || { reject "$zip is no file"; return; }
    size=$(wc -c < "$zip")
    [ "$size" -ge 22 ] || { reject "$zip is no ZIP"; return; }
    set -- $(tail -c 22 "$zip" | od -An -v -tu1)
    [ "$1 $2 $3 $4" = "80 75 5 6" ] || { reject "$zip does not end as a ZIP without a comment does"; return; }
    [ "$5 $6 $7 $8 $9 ${10} ${21} ${22}" = "0 0 0 0 ${11} ${12} 0 0" ] || { reject "$zip is one part of several or has a comment"; return; }
    number "${10} $9"; entries=$n
    number "${16} ${15} ${14} ${13}"; length=$n
    number "${20} ${19} ${18} ${17}"; directory=$n
    [ "$directory" -lt 4294967295 ] && [ "$entries" -lt 65535 ] || { reject "$zip is larger than this script reads: promisekept verify does"; return; }
    [ $((directory + length + 22)) = "$size" ] || { reject "$zip holds bytes beside its entries and their directory"; return; }
    place=0 seen=0 at=$directory
    : > "$work/zipped"
    while [ "$seen" -lt "$entries" ]; do
        set -- $(od -An -v -tu1 -j "$at" -N 46 "$zip")
        [ $# = 46 ] && [ "$1 $2 $3 $4" = "80 75 1 2" ] || { reject "$zip holds a directory that is none"; return; }
        case "$9 ${10} ${11} ${12}" in '0 0 0 0' | '0 0 8 0') ;; *) reject "$zip holds an entry with flags or a packing that no bundle has"; return ;; esac
        [ "${31} ${32} ${33} ${34} ${35} ${36}" = "0 0 0 0 0 0" ] || { reject "$zip holds an entry with a comment or an extra field"; return; }
        number "${24} ${23} ${22} ${21}"; packed=$n
        number "${28} ${27} ${26} ${25}"; bytes=$n
        number "${30} ${29}"; letters=$n
        number "${46} ${45} ${44} ${43}"; local=$n
        number "${42} ${41}"; kind=$((n / 4096))
        [ "$kind" = 8 ] || [ "$kind" = 0 ] || { reject "$zip holds a link or a special file"; return; }
        shift 6
        stated="$1 $2 $3 $4 $5 $6 $7 $8 $9 ${10} ${11} ${12} ${13} ${14} ${15} ${16} ${17} ${18} ${19} ${20} ${21} ${22} ${23} ${24}"
        name=$(tail -c +$((at + 47)) "$zip" | head -c "$letters" | od -An -v -tu1)
        set -- $(od -An -v -tu1 -j "$place" -N 30 "$zip")
        [ "$local" = "$place" ] && [ $# = 30 ] && [ "$1 $2 $3 $4" = "80 75 3 4" ] || { reject "$zip holds bytes between its entries"; return; }
        shift 4
        [ "$1 $2 $3 $4 $5 $6 $7 $8 $9 ${10} ${11} ${12} ${13} ${14} ${15} ${16} ${17} ${18} ${19} ${20} ${21} ${22} ${23} ${24}" = "$stated" ] \
            && [ "${25} ${26}" = "0 0" ] && [ "$(tail -c +$((place + 31)) "$zip" | head -c "$letters" | od -An -v -tu1)" = "$name" ] \
            || { reject "$zip states two things about one entry"; return; }
        tail -c +$((at + 47)) "$zip" | head -c "$letters" >> "$work/zipped"
        echo " $bytes" >> "$work/zipped"
        place=$((place + 30 + letters + packed)) at=$((at + 46 + letters)) seen=$((seen + 1))
    done
    [ "$place" = "$directory" ] && [ "$at" = $((directory + length)) ] || reject "$zip holds bytes between its entries and their directory"
}
if [ ! -d "$bundle" ] && [ -z "$zip" ]; then
    zip=$(realpath "$bundle")
    zip_holds
    [ "$wrong" = 0 ] || exit 1
    echo "Nothing was checked but the ZIP itself. Unpack it, and check its folder:  sh verify.sh FOLDER zip=$bundle"
    exit 2
fi
[ -z "$zip" ] || zip_holds
[ "$wrong" = 0 ] || exit 1
cd "$bundle" || exit 2

# 1. Plain files with plain names, and nothing that leads elsewhere; otherwise nothing more is read.
plain() {
    [ -z "$(find "$1" ! -type f ! -type d)" ] || reject "$2 holds a link or a special file"
    [ -z "$(cd "$1" && find . -name '*[!A-Za-z0-9._-]*')" ] || reject "$2 holds a name with unusual characters"
    for file in bagit.txt bag-info.txt manifest-sha512.txt tagmanifest-sha512.txt metadata/omissions.json; do
        [ -f "$1/$file" ] || reject "$file is missing in $2"
    done
}
plain . "it"
[ -z "$previous" ] || plain "$previous" "the bundle before"
[ "$wrong" = 0 ] || exit 1
[ -z "$(find . | tr A-Z a-z | sort | uniq -d)" ] || reject "it holds names that differ by their case alone"
[ -z "$(find . -type d -empty)" ] || reject "it holds an empty folder"
same() { [ "$(sha512sum < "$1")" = "$(sha512sum < "$2")" ]; }
if [ -n "$zip" ]; then
    top=$(head -n 1 "$work/zipped")
    find . -type f -printf "${top%%/*}/%P %s\n" | sort > "$work/unpacked"
    sort "$work/zipped" > "$work/listed"
    same "$work/unpacked" "$work/listed" || reject "$zip does not hold the files of this folder"
fi
printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' > "$work/bagit"
same bagit.txt "$work/bagit" || reject "bagit.txt is another one"

# 2. Each line of a manifest is a hash, two blanks and a path, in order of the paths; every file stands in exactly one manifest,
#    and nothing is there besides. So nothing is hashed but what was found to be a file of this folder.
lines_of() {
    : > "$work/lines"
    while IFS= read -r line; do
        hash=${line%%  *} path=${line#*  }
        case $hash in *[!0-9a-f]*) hash='' ;; esac
        case $path in '' | *[!A-Za-z0-9._/-]*) hash='' ;; esac
        [ ${#hash} = 128 ] || { reject "$1 holds a line that is no hash and path"; break; }
        echo "$hash  $path" >> "$work/lines"
    done < "$1"
    same "$work/lines" "$1" || reject "$1 holds something beside hashes and paths, or its last line was cut off"
    cut -c 131- "$work/lines" > "$work/paths"
    sort "$work/paths" > "$work/$1"
    same "$work/paths" "$work/$1" || reject "$1 is not in the order of its paths"
}
lines_of manifest-sha512.txt
lines_of tagmanifest-sha512.txt
find data -type f 2> "$work/find" | sort > "$work/in_data"
find . -type f ! -path './data/*' ! -path './signatures/*' ! -path ./tagmanifest-sha512.txt | cut -c 3- | sort > "$work/outside"
for name in $(comm -3 "$work/manifest-sha512.txt" "$work/in_data"); do reject "$name is not both in data and in manifest-sha512.txt"; done
for name in $(comm -3 "$work/tagmanifest-sha512.txt" "$work/outside"); do reject "$name is not both there and in tagmanifest-sha512.txt"; done
[ "$wrong" = 0 ] || exit 1

# 3. Every file has the hash that the manifests state.
sha512sum --check --strict --quiet tagmanifest-sha512.txt || reject "a tag file is not what tagmanifest-sha512.txt reject"
[ ! -s manifest-sha512.txt ] || sha512sum --check --strict --quiet manifest-sha512.txt || reject "a file in data is not what manifest-sha512.txt reject"

# 4. The size that bag-info.txt states.
size=0 count=0
for bytes in $(find data -type f -printf '%s\n'); do size=$((size + bytes)) count=$((count + 1)); done
oxum='' before='' snapshot='' content=''
[ "$(tr -d '\000' < bag-info.txt | wc -c)" = "$(wc -c < bag-info.txt)" ] || reject "bag-info.txt is no text"
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
        'Payload-Oxum: '*) oxum="$oxum${oxum:+, }${line#*: }" ;;
        'Previous-Tagmanifest-SHA512: '*) before="$before${before:+, }${line#*: }" ;;
        'Snapshot-Id: '*) snapshot="$snapshot${snapshot:+, }${line#*: }" ;;
        'Snapshot-Content-SHA256: '*) content="$content${content:+, }${line#*: }" ;;
    esac
done < bag-info.txt
[ "$oxum" = "$size.$count" ] || reject "Payload-Oxum states $oxum, there are $size.$count (bytes.files)"
[ "$wrong" = 0 ] || exit 1

# 5. The fingerprint, and the bundle before.
found=$(sha512sum tagmanifest-sha512.txt | cut -c -128)
[ -z "$fingerprint" ] || [ "$fingerprint" = "$found" ] || reject "its fingerprint is not the one that you gave"
if [ -n "$previous" ]; then
    [ "$before" = "$(sha512sum "$previous/tagmanifest-sha512.txt" | cut -c -128)" ] || reject "it does not follow that bundle"
fi

# 6. The ledger (RFC 9162): a leaf is SHA-256(0x00, line), a node SHA-256(0x01, left, right). The proof's `extra` line is the
#    snapshot's line in base64. It is the last one of its checkpoint, so that every hash of the proof stands to its left.
hash() { sha256sum | cut -c -64 | tr a-f A-F | basenc --base16 -d | base64; }
node() { { printf '\001'; echo "$1" | base64 -d; echo "$2" | base64 -d; } | hash; }
reads() {
    extra='' index=0 old=0 hashes='' origin='' size=0 root='' part=proof
    [ -f "$1" ] || { reject "$1 is missing"; return 1; }
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
    for count in "$index" "$old" "$size"; do
        case $count in '' | 0?* | *[!0-9]* | ???????????????????*) reject "$1 holds a number that is none"; return 1 ;; esac
    done
    [ "$part" = end ] || { reject "$1 holds no checkpoint"; return 1; }
    for hash in $hashes "$root"; do
        [ "$(echo "$hash" | base64 -d 2> "$work/base64" | wc -c)" = 32 ] || { reject "$1 holds a hash that is none"; return 1; }
    done
    # Written again it must be what the file begins with: nothing in it can be read in two ways. Signature lines may follow.
    {
        [ -z "$extra" ] || printf 'c2sp.org/tlog-proof@v1\nextra %s\nindex %s\n' "$(echo "$extra" | base64 -d 2> "$work/base64" | base64 -w 0)" "$index"
        [ -n "$extra" ] || printf 'old %s\n' "$old"
        for hash in $hashes; do echo "$hash" | base64 -d | base64; done
        printf '\n%s\n%s\n%s\n\n' "$origin" "$size" "$(echo "$root" | base64 -d | base64)"
    } > "$work/again"
    head -c "$(wc -c < "$work/again")" "$1" > "$work/begins"
    same "$work/again" "$work/begins" || { reject "$1 is not written as a proof is"; return 1; }
}
holds() {
    reads metadata/log-proof.txt || return
    [ -n "$extra" ] || { reject "metadata/log-proof.txt names no line of the ledger"; return; }
    case $(echo "$extra" | base64 -d 2> "$work/base64" | tr -d '\000') in
        *'"content_hash":"'"$content"'","body":{"id":"'"$snapshot"'",'*) ;;
        *) reject "the ledger's proof speaks of another snapshot than $snapshot" ;;
    esac
    root_found=$({ printf '\000'; echo "$extra" | base64 -d; } 2> "$work/base64" | hash)
    for left in $hashes; do root_found=$(node "$left" "$root_found" 2> "$work/base64"); done
    [ $((index + 1)) = "$size" ] && [ "$root_found" = "$root" ] || reject "the ledger did not hold this snapshot"
}
# The second proof: from its hashes both roots must follow, the one of the bundle before and this one's (RFC 9162, 2.1.4.2).
continues() {
    reads metadata/log-proof.txt || return
    this="$origin $size $root"
    reads "$previous/metadata/log-proof.txt" || return
    earlier="$origin $size" was_root=$root
    reads metadata/log-consistency.txt || return
    [ "$origin $size $root" = "$this" ] && [ "$origin $old" = "$earlier" ] || { reject "the ledger's proofs do not meet"; return; }
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
    [ "$last" = 0 ] && [ "$was" = "$was_root" ] && [ "$is" = "$root" ] || reject "the ledger does not continue that of the bundle before"
}
holds
[ -z "$previous" ] || continues
[ ! -f metadata/log-consistency.txt ] || {
    reads metadata/log-proof.txt && this="$origin $size $root" && reads metadata/log-consistency.txt && {
        [ "$origin $size $root" = "$this" ] || reject "metadata/log-consistency.txt ends at another checkpoint than metadata/log-proof.txt"
    }
}

# 7. Each release: a signature over tagmanifest-sha512.txt, a token that dates it, and a statement, signed by the same key, that names
#    both. The certificate must stand under the one that you trust, and have been valid at the time of the token. -no-CApath,
#    because otherwise every authority that this system knows would do.
signer() {
    openssl cms -verify -binary -inform DER -in "$1" -content "$2" -CAfile "$trust" -no-CApath -no-CAstore -partial_chain \
        -purpose any -attime "$at" -signer "$work/signer" -out "$work/signed" 2> "$work/openssl" \
        || { reject "$1 does not stand under that certificate"; return; }
    certificates=0
    while IFS= read -r line; do
        case $line in *BEGIN*) certificates=$((certificates + 1)) ;; esac
    done < "$work/signer"
    [ "$certificates" = 1 ] || reject "$1 is by $certificates certificates"
    openssl x509 -in "$work/signer" -noout -pubkey -out "$work/key"
    openssl dgst -sha512 -verify "$work/key" -signature "$3" "$4" > "$work/openssl" 2>&1 || reject "$3 is not by the key that signed the bundle"
    by=$(openssl x509 -in "$work/signer" -outform DER | sha256sum | cut -c -64)
}
# The time is read from what the token signs (TSTInfo, RFC 3161), never from the response around it, which nobody signs: that may
# state nothing but `granted`. TSTInfo begins: version, policy, imprint, serial number, time. $1 is the token, $2 what it dates.
dated() {
    openssl asn1parse -inform DER -in "$1" > "$work/response" 2>&1 || { reject "$1 is no time-stamp response"; return 1; }
    line=0 outer=''
    while IFS= read -r text && [ "$line" -lt 5 ]; do
        line=$((line + 1))
        case $text in
            *'d=0 '*'cons: SEQUENCE'*) outer="${outer}0" ;;
            *'d=1 '*'cons: SEQUENCE'*) outer="${outer}1" ;;
            *'d=2 '*'prim: INTEGER '*':00') outer="${outer}2" ;;
            *'d=2 '*'prim: OBJECT '*':pkcs7-signedData') outer="${outer}3" ;;
        esac
    done < "$work/response"
    [ "$(depths < "$work/response")" = 011 ] && [ "$outer" = 01213 ] \
        || { reject "$1 holds more beside its token than that it was granted"; return 1; }
    openssl ts -reply -in "$1" -token_out -out "$work/token" 2> "$work/openssl" \
        && openssl cms -verify -inform DER -in "$work/token" -CAfile "$time" -no-CApath -no-CAstore -partial_chain -purpose timestampsign \
            -no_check_time -out "$work/dated" 2> "$work/openssl" \
        && openssl asn1parse -inform DER -in "$work/dated" > "$work/info" 2> "$work/openssl" \
        || { reject "$1: nobody whom you trust gave a time for this signature"; return 1; }
    fields='' at='' policy='' imprint=''
    while IFS= read -r text; do
        value=${text##*:}
        case $fields:$text in
            *'d=1 '*'prim: INTEGER '*) fields="${fields}i" ;;
            i:*'d=1 '*'prim: OBJECT '*) fields="${fields}o" policy=$value ;;
            *'d=1 '*'cons: SEQUENCE'*) fields="${fields}s" ;;
            ios:*'d=3 '*'prim: OBJECT '*) imprint=$value ;;
            iosi:*'d=1 '*'prim: GENERALIZEDTIME '*) fields="${fields}t" at=$value ;;
            *'d=1 '*) fields="${fields}-" ;;
        esac
    done < "$work/info"
    case $fields:$at in iosit*:??????????????Z | iosit*:??????????????.*Z) ;; *) reject "$1 signs no time"; return 1 ;; esac
    [ "$imprint" = sha512 ] || { reject "$1 dates another hash than the SHA-512 of the signature"; return 1; }
    at=${at%Z} at=${at%%.*}
    case $at in *[!0-9]*) reject "$1 signs no time"; return 1 ;; esac
    at=$(date -u -d "$(echo "$at" | cut -c -8) $(echo "$at" | cut -c 9-10):$(echo "$at" | cut -c 11-12):$(echo "$at" | cut -c 13-14)" +%s) \
        || { reject "$1 signs no time"; return 1; }
    openssl ts -verify -in "$1" -data "$2" -CAfile "$time" -attime "$at" > "$work/openssl" 2>&1 \
        || { reject "$1: nobody whom you trust gave a time for this signature"; return 1; }
}
depths() {
    while IFS= read -r text; do
        case $text in *'d=0 '*) printf 0 ;; *'d=1 '*) printf 1 ;; esac
    done
}
release() {
    stated='' certificate='' of_signature='' of_token='' at='' by=none time_of='' labels=''
    for file in "$1.p7s" "$1.tsr" "$1.statement.txt" "$1.statement.sig"; do
        [ -f "$file" ] || { reject "$file is missing"; return; }
    done
    dated "$1.tsr" "$1.p7s" || return
    signer "$1.p7s" tagmanifest-sha512.txt "$1.statement.sig" "$1.statement.txt"
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            'Bundle: '* | 'Organization: '* | 'Fingerprint: '* | 'Prepared-By: '* | 'Reviewed-By: '* | 'Approved-By: '* | 'Signer: '* | \
                'Signer-Certificate-SHA256: '* | 'Time: '* | 'Signature-SHA512: '* | 'Token-SHA512: '*) labels="$labels${line%%: *} " ;;
        esac
        case $line in
            'Fingerprint: '*) stated="$stated${line#*: }" ;;
            'Signer-Certificate-SHA256: '*) certificate="$certificate${line#*: }" ;;
            'Signature-SHA512: '*) of_signature="$of_signature${line#*: }" ;;
            'Token-SHA512: '*) of_token="$of_token${line#*: }" ;;
            'Prepared-By: '* | 'Reviewed-By: '* | 'Approved-By: '* | 'Signer: '* | 'Time: '*) echo "$line" >> "$work/statement" ;;
        esac
        case $line in 'Time: '*) time_of=${line#*: } ;; esac
    done < "$1.statement.txt"
    [ "$(printf '%s\n' $labels | sort | tr '\n' ' ')" = "$labels_all" ] || reject "$1.statement.txt does not state each thing once"
    # The policy by which our own authority dates; one on the network has another.
    case $time_of:$policy in
        "operator-asserted:$operator_policy") ;;
        operator-asserted:* | *":$operator_policy") reject "$1.tsr is not of the policy that $1.statement.txt states" ;;
    esac
    [ "$stated" = "$found" ] || reject "$1.statement.txt is of another bundle"
    [ "$of_signature" = "$(sha512sum "$1.p7s" | cut -c -128)" ] || reject "$1.statement.txt is of another signature"
    [ "$of_token" = "$(sha512sum "$1.tsr" | cut -c -128)" ] || reject "$1.statement.txt is of another token"
    [ "$by" = "$certificate" ] || reject "$1.statement.txt names another certificate than the one that signed"
}
labels_all='Approved-By Bundle Fingerprint Organization Prepared-By Reviewed-By Signature-SHA512 Signer Signer-Certificate-SHA256 Time Token-SHA512 '
operator_policy=2.25.302613527921390637419817331946291073721
releases='' signed=0
[ ! -d signatures ] || for path in $(find signatures -mindepth 1); do
    name=${path#signatures/} number=${path#signatures/release-} signed=1
    number=${number%%.*}
    case $number in '' | 0* | *[!0-9]* | ????*) number='*' ;; esac
    case $name in
        "release-$number.p7s" | "release-$number.tsr" | "release-$number.statement.txt" | "release-$number.statement.sig") ;;
        *) reject "$path is no part of a release"; continue ;;
    esac
    case " $releases " in *" $number "*) ;; *) releases="$releases $number" ;; esac
done
if [ -z "$trust" ]; then
    [ "$signed" = 0 ] || reject "it is signed, and you named no certificates to check that against (trust=SIGNER.crt time=TIME.crt)"
else
    [ -n "$releases" ] || reject "it is not signed"
    for number in $releases; do release "signatures/release-$number"; done
fi
[ "$wrong" = 0 ] || exit 1
[ "$signed" = 1 ] || echo "A draft: nobody has signed it. It holds together, which proves nothing about who made it."
[ ! -f "$work/statement" ] || cat "$work/statement"
echo "Fingerprint: $found"
