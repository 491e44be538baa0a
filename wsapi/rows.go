package wsapi

import (
	"math"
	"math/bits"
	"strconv"
	"time"

	"vakhta/session"
)

// sessionRow is a security session as the public API lists it. Its times have no zone and are UTC; expire is seconds.
type sessionRow struct {
	ID        session.SessionID `json:"id"`
	Login     session.LoginID   `json:"login" doc:"The login that opened it."`
	Label     string            `json:"label" doc:"What the device calls itself."`
	Owner     string            `json:"owner_login"`
	User      string            `json:"user_login"`
	Means     session.Means     `json:"safety_type_id"`
	Key       string            `json:"key_current"`
	Start     zoned             `json:"start_datetime" doc:"UTC without a suffix."`
	End       zoned             `json:"expire_datetime"`
	Expire    int64             `json:"expire" doc:"Seconds left."`
	IP        string            `json:"ip"`
	IPClient  string            `json:"ip_client"`
	SafetyOld session.Means     `json:"safety_type" ts:"-"` // its old name
}

var meansNames = map[session.Means]string{
	session.SMS: "SMS", session.LoginPassword: "Login, password", session.VoicePassword: "Voice password", session.WebToken: "WEB-token", session.APIKey: "API key",
}

func sessionRows(logins []session.Login, who session.Profile, now time.Time) []sessionRow {
	rows := []sessionRow{}
	for _, l := range logins {
		if x := l.Session; x != nil {
			rows = append(rows, sessionRow{
				ID: x.ID, Login: l.ID, Label: l.Label, Owner: who.Login, User: who.Login,
				Means: x.Means, SafetyOld: x.Means, Key: meansNames[x.Means],
				Start: zoned(x.OpenedAt), End: zoned(x.ExpiresAt), Expire: secondsUntil(x.ExpiresAt, now),
				IP: l.Address, IPClient: l.Address,
			})
		}
	}
	return rows
}

// orderRow has every field of an order that a published client reads.
type orderRow struct {
	ID            session.OrderID    `json:"id"`
	OrderID       session.OrderID    `json:"order_id"`
	Instr         string             `json:"instr"`
	Oper          session.Side       `json:"oper" doc:"1 and 2 buy, 3 and 4 sell."`
	Type          session.OrderType  `json:"type" doc:"1 market, 2 limit."`
	Price         amount             `json:"p"`
	Qty           amount             `json:"q"`
	Leaves        amount             `json:"leaves_qty"`
	Stat          int                `json:"stat" doc:"1 received, 2 in cancel, 10 active, 12 partly filled, 21 filled, 30 and 31 cancelled, 70 rejected, 71 and 72 expired."`
	Date          zoned              `json:"date"`
	Exp           session.Expiration `json:"exp" doc:"1 and 2 the day, 3 until cancelled."`
	Cur           string             `json:"cur"`
	UserOrderID   wireID             `json:"userOrderId"`
	Means         session.Means      `json:"safety_type_id"`
	Text          string             `json:"text" doc:"Why it was rejected."`
	Trade         []tradeRow         `json:"trade"`
	UserOrderOld  wireID             `json:"user_order_id" ts:"-"`
	StatOrig      int                `json:"stat_orig" ts:"-"`
	StatPrev      int                `json:"stat_prev" ts:"-"`
	StatDate      zoned              `json:"stat_d" ts:"-"`
	ChangeTime    int64              `json:"changetime" ts:"-"`
	Stop          amount             `json:"stop" ts:"-"`
	StopPrice     *amount            `json:"stop_init_price" ts:"-"`
	StopActivated int                `json:"stop_activated" ts:"-"`
	Trailing      *amount            `json:"trailing_price" ts:"-"`
	Session       session.SessionID  `json:"session_id" ts:"-"`
	AuthLogin     string             `json:"auth_login" ts:"-"`
	Creator       string             `json:"creator_login" ts:"-"`
	Owner         string             `json:"owner_login" ts:"-"`
	Login         string             `json:"login" ts:"-"`
	CompLogin     string             `json:"comp_login" ts:"-"`
	UserID        int64              `json:"user_id" ts:"-"`
	Aon           int                `json:"aon" ts:"-"`
	CurrQ         amount             `json:"curr_q" ts:"-"`
	FV            int                `json:"fv" ts:"-"`
	MktID         int                `json:"mkt_id" ts:"-"`
	Name          string             `json:"name" ts:"-"`
	Name2         string             `json:"name2" ts:"-"`
	Profit        int                `json:"profit" ts:"-"`
	Rep           *int               `json:"rep" ts:"-"`
	InstrType     int                `json:"instr_type" ts:"-"`
	Condition     string             `json:"condition" ts:"-"`
	OrderNb       *string            `json:"order_nb" ts:"-"`
	IgnoreBlocks  int                `json:"ignore_blocks" ts:"-"`
	OrigID        *string            `json:"OrigClOrdID" ts:"-"`
	CData         *string            `json:"cdata" ts:"-"`
	Error         string             `json:"error" ts:"-"`
	Trades        string             `json:"trades" ts:"-"`
	TradesJSON    string             `json:"trades_json" ts:"-"`
}

type tradeRow struct {
	ID     wireID `json:"id"`
	Price  amount `json:"p"`
	Qty    amount `json:"q"`
	Volume amount `json:"v"`
	Date   zoned  `json:"date"`
	Profit int    `json:"profit" ts:"-"`
	ACD    int    `json:"acd" ts:"-"`
	FV     int    `json:"fv" ts:"-"`
	GoSum  int    `json:"go_sum" ts:"-"`
}

// rowOf is the order's row. The profile may be empty where the client is known anyway.
func rowOf(o session.Order, who session.Profile) orderRow {
	stat := statusOf(o)
	row := orderRow{
		ID: o.ID, OrderID: o.ID, Instr: o.Ticker, Oper: o.Side, Type: o.Type, Price: amount(o.LimitPrice), Qty: amount(o.Quantity),
		Leaves: amount(o.Leaves), Stat: stat, StatOrig: stat, StatPrev: stat, Date: zoned(o.AcceptedAt), StatDate: zoned(o.ChangedAt),
		ChangeTime: o.ChangedAt.Unix(), Exp: o.Expiration, Cur: o.Currency, UserOrderID: wireID(o.UserOrderID),
		UserOrderOld: wireID(o.UserOrderID), Means: o.Means, Text: o.Reason, Stop: amount(o.StopPrice), Session: o.Session,
		AuthLogin: who.Login, Creator: who.Login, Owner: who.Login, Login: who.Login, CompLogin: who.Login, UserID: clientCode(who),
		Name: o.Ticker, Name2: o.Ticker, InstrType: 1, CurrQ: amount(o.Quantity - o.Leaves), Trade: []tradeRow{},
		Trades: "{}", TradesJSON: "[]",
	}
	for _, f := range o.Fills {
		row.Trade = append(row.Trade, tradeRow{
			ID: wireID(f.ID), Price: amount(f.Price), Qty: amount(f.Quantity), Volume: amount(volume(f)), Date: zoned(f.At),
		})
	}
	return row
}

// volume is price times quantity, cut to the digits of a Decimal.
func volume(f session.Fill) session.Decimal {
	high, low := bits.Mul64(uint64(f.Price), uint64(f.Quantity)) // neither is negative
	if high >= uint64(session.One) {
		return math.MaxInt64
	}
	v, _ := bits.Div64(high, low, uint64(session.One))
	return session.Decimal(min(v, math.MaxInt64))
}

func statusOf(o session.Order) int {
	partly := o.Leaves < o.Quantity
	either := func(some, none int) int {
		if partly {
			return some
		}
		return none
	}
	switch o.Status {
	case session.StatusReceived:
		return 1
	case session.StatusWorking:
		return either(12, 10)
	case session.StatusCancelling:
		return 2
	case session.StatusFilled:
		return 21
	case session.StatusCancelled:
		return either(30, 31)
	case session.StatusRejected:
		return 70
	case session.StatusExpired:
		return either(72, 71)
	default:
		return 0
	}
}

func orderRows(orders []session.Order, who session.Profile) []orderRow {
	rows := make([]orderRow, len(orders))
	for i, o := range orders {
		rows[i] = rowOf(o, who)
	}
	return rows
}

// clientCode is the client's number as published clients know it: the client code, if that is a number.
func clientCode(p session.Profile) int64 {
	if n, err := strconv.ParseInt(p.Code, 10, 64); err == nil && n > 0 && n < 1<<53 {
		return n
	}
	return int64(p.Client)
}
