#!/bin/sh
# certs.sh DIR - the certificates that tests need, into DIR. Quiet, and quick to repeat: what is there stays.
#
#   ca.pem                           trust this one
#   server.pem .key                  good: localhost, exchange.test, 127.0.0.1, ::1
#   wronghost.pem .key               good, but for other.test
#   expired.pem .key                 good, until 2021
#   selfsigned.pem .key              its own CA
#   otherca.pem, untrusted.pem .key  good, but signed by a CA that nobody trusts
set -eu

[ $# -eq 1 ] || { echo "usage: certs.sh DIR" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
[ -e .complete ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log

names='subjectAltName=DNS:localhost,DNS:exchange.test,IP:127.0.0.1,IP:::1'
leaf='basicConstraints=critical,CA:FALSE
extendedKeyUsage=serverAuth'

run() { # what openssl says matters only when it fails
    env -u LD_PRELOAD openssl "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}

key() {
    run genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
}

ca() { # NAME
    key "$1"
    run req -x509 -new -key "$1.key" -out "$1.pem" -days 3650 -subj "/CN=tapedeck tests $1" \
        -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
}

leaf() { # NAME CA SAN-LINE
    key "$1"
    run req -new -key "$1.key" -out "$work/$1.csr" -subj "/CN=tapedeck tests $1"
    printf '%s\n%s\n' "$3" "$leaf" >"$work/ext"
    run x509 -req -in "$work/$1.csr" -CA "$2.pem" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" \
        -days 3650 -extfile "$work/ext" -out "$1.pem"
}

# `x509` cannot make a certificate of the past; `ca` can, and wants a little folder for it.
expired() { # NAME CA SAN-LINE
    key "$1"
    run req -new -key "$1.key" -out "$work/$1.csr" -subj "/CN=tapedeck tests $1"
    : >"$work/index"
    cat >"$work/ca.conf" <<EOF
[ca]
default_ca = c
[c]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = p
x509_extensions = e
[p]
commonName = supplied
[e]
$3
$leaf
EOF
    run ca -batch -notext -config "$work/ca.conf" -cert "$2.pem" -keyfile "$2.key" -in "$work/$1.csr" -out "$1.pem" \
        -startdate 20200101000000Z -enddate 20210101000000Z
}

ca ca
ca otherca
leaf server ca "$names"
leaf wronghost ca 'subjectAltName=DNS:other.test'
leaf untrusted otherca "$names"
expired expired ca "$names"
key selfsigned
run req -x509 -new -key selfsigned.key -out selfsigned.pem -days 3650 -subj '/CN=tapedeck tests selfsigned' -addext "$names"
: >.complete
