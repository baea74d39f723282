package app

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/downstream"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// maxOrder bounds an order that is handed on, in bytes.
const maxOrder = 4 << 10

// Orders is the configuration of calls of the orders API.
type Orders struct {
	URL    *url.URL // its address; nil where /orders is off
	Scopes []string // of it that are asked for, in full
}

func readOrders(r *env.Reader) Orders {
	o := Orders{
		URL:    r.OptionalURL("API_ORDERS_URL", "the orders API's address, such as http://localhost:8004"),
		Scopes: strings.Fields(r.TextOr("API_ORDERS_SCOPES", "")),
	}
	if o.URL != nil && len(o.Scopes) == 0 {
		r.Reject("API_ORDERS_SCOPES", "is missing; with API_ORDERS_URL it should be scopes of the orders API, separated by spaces, such as api://<its client id>/order.read")
	}
	return o
}

// orders hands on to the orders API what users do with their orders.
type orders struct {
	api    *userService // off where API_ORDERS_URL isn't set
	scopes []string     // several of one API are one exchange, and one token
	fail   func(*gin.Context, error)
}

func (a *App) ordersRoutes(user bearer.Rule) []route {
	api := downstream.Service{Name: "the orders API", Codes: "orders", BaseURL: a.cfg.Orders.URL}
	o := &orders{a.newUserService(api, a.cfg.Limits.Call), a.cfg.Orders.Scopes, a.fail}
	return []route{
		{method: http.MethodGet, path: "/orders", rule: user, handler: o.list},
		{method: http.MethodPost, path: "/orders", rule: user, handler: o.place},
		{method: http.MethodDelete, path: "/orders/:id", rule: user, handler: o.remove},
	}
}

// list answers GET /orders.
func (o *orders) list(c *gin.Context) {
	var found json.RawMessage
	if o.call(c, downstream.Call{Method: http.MethodGet, Path: "orders", Into: &found}) {
		c.JSON(http.StatusOK, found)
	}
}

// place answers POST /orders. What an order may hold is the orders API's business.
func (o *orders) place(c *gin.Context) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxOrder))
	if err != nil || !json.Valid(body) {
		o.fail(c, apperror.New(apperror.OrdersRejected, errors.New("the order is not JSON of at most 4 KiB")))
		return
	}
	var placed json.RawMessage
	if o.call(c, downstream.Call{Method: http.MethodPost, Path: "orders", Body: json.RawMessage(body), Into: &placed}) {
		c.JSON(http.StatusCreated, placed)
	}
}

// remove answers DELETE /orders/:id. To ".." there is no order: it would be the orders API's root that is deleted.
func (o *orders) remove(c *gin.Context) {
	if id := c.Param("id"); id == "." || id == ".." {
		o.fail(c, apperror.New(apperror.OrdersNotFound, nil))
		return
	}
	if o.call(c, downstream.Call{Method: http.MethodDelete, Path: "orders/" + url.PathEscape(c.Param("id"))}) {
		c.Status(http.StatusNoContent)
	}
}

// call calls the orders API for the request's user. Where that fails the request is answered, and the result is false.
func (o *orders) call(c *gin.Context, call downstream.Call) bool {
	call.Scopes = o.scopes
	err := o.api.call(c.Request.Context(), bearer.CallerOf(c), call)
	if err != nil {
		o.fail(c, err)
	}
	return err == nil
}
