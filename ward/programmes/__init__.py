"""Programmes (mô hình) as data: one TOML file each in the ward's folder; a new one needs no code."""
