#!/bin/sh
# Checks an evidence bundle with coreutils, find and openssl alone; nothing of the bundle is run.
#
#   sh verify.sh BUNDLE [fingerprint=HEX] [trust=CA.pem] [previous=BUNDLE]
#
# fingerprint  what you were told through another channel: the SHA-512 of tagmanifest-sha512.txt
# trust        the certificate under which the signature must stand; asked for wherever a bundle is signed
# previous     the bundle before this one, to see that this one follows it
#
# Take this script, or the commands in it, from where you trust it: a copy beside what it checks can be changed with it.
# Exit code 0: everything is as the bundle says. 1: it is not, and each reason stands on a line of its own.
set -u
LC_ALL=C
export LC_ALL
bundle=${1:-.}
[ $# -gt 0 ] && shift
fingerprint='' trust='' previous=''
for given in "$@"; do
    case $given in
        fingerprint=*) fingerprint=${given#*=} ;;
        trust=*) trust=$(realpath "${given#*=}") ;;
        previous=*) previous=$(realpath "${given#*=}") ;;
        *) echo "not understood: $given"; exit 2 ;;
    esac
done
cd "$bundle" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -r "$work"' EXIT
wrong=0
says() { echo "REJECTED: $1"; wrong=1; }

# 1. Plain files with plain names, and nothing that leads elsewhere.
[ -z "$(find . ! -type f ! -type d)" ] || says "it holds a link or a special file"
[ -z "$(find . -name '*[!A-Za-z0-9._-]*')" ] || says "it holds a name with unusual characters"
for file in bagit.txt bag-info.txt manifest-sha512.txt tagmanifest-sha512.txt; do
    [ -f "$file" ] || { says "$file is missing"; exit 1; }
done
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
oxum='' before=''
while IFS= read -r line; do
    case $line in
        'Payload-Oxum: '*) oxum="$oxum${line#*: }" ;;
        'Previous-Tagmanifest-SHA512: '*) before="$before${line#*: }" ;;
    esac
done < bag-info.txt
[ "$oxum" = "$size.$count" ] || says "Payload-Oxum states $oxum, there are $size.$count (bytes.files)"

# 5. The fingerprint, the bundle before, the signature.
found=$(sha512sum tagmanifest-sha512.txt | cut -c -128)
[ -z "$fingerprint" ] || [ "$fingerprint" = "$found" ] || says "its fingerprint is not the one that you were told"
if [ -n "$previous" ]; then
    [ "$before" = "$(sha512sum "$previous/tagmanifest-sha512.txt" | cut -c -128)" ] || says "it does not follow that bundle"
fi
signed=0
for signature in signatures/*.p7s; do
    [ -e "$signature" ] || continue
    signed=1
    if [ -z "$trust" ]; then
        says "it is signed, and you named no certificate to check that against (trust=CA.pem)"
    else
        openssl cms -verify -binary -inform DER -in "$signature" -content tagmanifest-sha512.txt -CAfile "$trust" \
            -purpose any -out "$work/signed" 2> "$work/openssl" || says "$signature does not stand under that certificate"
    fi
done
[ "$signed" = 1 ] || [ -z "$trust" ] || says "it is not signed"
[ "$wrong" = 0 ] || exit 1
[ "$signed" = 1 ] || echo "A draft: nobody has signed it. It holds together, which proves nothing about who made it."
echo "Fingerprint: $found"
