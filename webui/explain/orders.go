package explain

// orders is what the page with the orders is about.
func orders() subject {
	return subject{
		Service: "Orders", TokenFor: "the orders API", Answers: "The orders API answers", What: "It knows you by token B, and hands out nobody else’s orders.",
		WebUI: "webui/app/orders.go", API: "api/app/orders.go", Step: "orders", Calls: source{"api/app/service.go", "call"},
	}
}
