module rollcall/infra/parity

go 1.26
