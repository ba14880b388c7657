#!/bin/sh
exec autoreconf --install --force "$(dirname "$0")"
