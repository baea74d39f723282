package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/downstream"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// maxOrder bounds an order that is handed on, in bytes.
const maxOrder = 4 << 10

// orders hands on to the orders API, an API of one's own, what users do with their orders.
type orders struct {
	service   *downstream.Service // nil where API_ORDERS_URL isn't set
	scopes    []string            // several of one API are one exchange, and one token
	exchanger onbehalfof.Exchanger
	deadline  time.Duration
	fail      func(*gin.Context, error)
}

func (a *App) newOrders() (_ *orders, err error) {
	o := &orders{scopes: a.cfg.OrdersScopes, exchanger: a.exchanger, deadline: a.cfg.Limits.ResourceManager, fail: a.fail}
	if a.cfg.OrdersURL != nil {
		o.service, err = a.newService("the orders API", "orders", a.cfg.OrdersURL, "")
	}
	return o, err
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

// call is hops 3 and 4. Where it fails the request is answered, and the result is false.
func (o *orders) call(c *gin.Context, call downstream.Call) bool {
	if o.service == nil {
		o.fail(c, apperror.New(apperror.NotConfigured, nil))
		return false
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), o.deadline)
	defer cancel()
	credential := onbehalfof.NewCredential(o.exchanger, bearer.CallerOf(c))
	call.Scopes = o.scopes
	err := o.service.Do(ctx, credential, call)
	if errors.Is(err, downstream.ErrTokenRefused) {
		credential.Forget(c.Request.Context())
	}
	if err != nil {
		o.fail(c, err)
	}
	return err == nil
}
