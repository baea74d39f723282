package apperror

// What the code of the orders asks for by name.
const (
	OrderInvalid   = "invalid_order"
	OrdersRejected = "orders_rejected"
	OrdersNotFound = "orders_not_found"
)

// orders lists what the orders API has to say about an order.
func orders() []Failure {
	return []Failure{
		{
			Code: OrderInvalid, Status: 400, Title: "The order can't be taken",
			What:      "The orders API doesn't take this order.",
			Cause:     "A part of the order is missing or too large: the problem's check names it and its detail says what it should be.",
			Developer: "Send one JSON object with item (1 to 100 characters) and quantity (1 to 1000).",
		},
		{
			Code: OrdersRejected, Status: 400, Title: "The order can't be taken",
			What:      "An order has an item of 1 to 100 characters and a quantity of 1 to 1000, and there can be 100 of them.",
			User:      "Go back, and change the order.",
			Cause:     "The orders API answered 400 to what the API handed on.",
			Developer: "The orders API's own log has the check that failed.",
		},
	}
}
