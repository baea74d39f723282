package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/middleware"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

// ordersPath is the page with the orders, and where its forms are sent.
const ordersPath = "/orders"

// maxOrderForm bounds a form, in bytes.
const maxOrderForm = 8 << 10

// readOrders returns the link to the page, where the API has an orders API.
func readOrders(r *env.Reader) []templates.Link {
	if r.OneOf("WEBUI_ORDERS", "off", "off", "on") == "off" {
		return nil
	}
	return []templates.Link{{Path: ordersPath, Text: "Orders"}}
}

// ordersList is the API's answer.
type ordersList struct {
	Value []templates.Order `json:"value"`
}

// orders answers GET /orders: the user's orders, as the orders API has them.
func orders(ctx context.Context, v *visit) (templ.Component, error) {
	var list ordersList
	if err := v.get(ctx, "orders", &list); err != nil {
		return nil, err
	}
	if list.Value == nil {
		return nil, unreadable(errors.New("it has no value"))
	}
	page := templates.OrdersPage{Frame: v.frame, Orders: list.Value, Known: true, Quantity: "1"}
	page.Title = "Your orders"
	return templates.Orders(page), nil
}

// changeOrders answers POST /orders: it deletes the order that the form names, or places the one that it describes. The user is sent on
// to the page, so that to reload it sends nothing again. Where Entra wants to see the user first, they come back to the page, and
// press the button again.
func (a *App) changeOrders(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxOrderForm)
	if err := c.Request.ParseForm(); err != nil {
		a.fail(c, apperror.New(apperror.BadRequest, errors.New("the form can't be read")))
		return
	}
	current, token, ok := a.signIn.Require(c)
	if !ok {
		return
	}
	ctx, form := c.Request.Context(), c.Request.PostForm
	var err error
	if id := form.Get("delete"); id != "" && !isOrderID(id) {
		err = apperror.New(apperror.OrdersNotFound, nil)
	} else if id != "" {
		err = a.api.remove(ctx, token.Value, "orders/"+url.PathEscape(id))
	} else {
		quantity, _ := strconv.Atoi(form.Get("quantity")) // what is no number is 0, which the orders API rejects
		err = a.api.post(ctx, token.Value, "orders", templates.Order{Item: form.Get("item"), Quantity: quantity})
	}
	if err != nil {
		if why := apperror.As(err); form.Get("delete") == "" && keepsForm(why) {
			a.showOrderAgain(c, current, token, why)
			return
		}
		a.signIn.Refused(c, current, err)
		return
	}
	if err := current.KeepAlive(ctx, c.Writer); err != nil {
		a.fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, a.cookies.Path+ordersPath)
}

// keepsForm tells the failures after which the user changes the order, or sends it once more.
func keepsForm(why *apperror.Error) bool {
	return why.Challenge == nil && (why.Code == apperror.OrdersRejected || why.Row().Again)
}

// showOrderAgain answers with the page, its form as it was sent, and why it wasn't taken: what somebody has typed isn't lost.
func (a *App) showOrderAgain(c *gin.Context, current *session.Session, token signin.Token, why *apperror.Error) {
	middleware.SetError(c, why)
	ctx, form := c.Request.Context(), c.Request.PostForm
	page := templates.OrdersPage{
		Frame: a.frame("Your orders", &current.User), Item: form.Get("item"), Quantity: form.Get("quantity"),
		Refused: why.Row(), TraceID: telemetry.TraceID(ctx),
	}
	if why.Code == apperror.OrdersRejected { // whoever is away would make the page late, past the server's write deadline
		var list ordersList
		if err := a.api.get(ctx, token.Value, "orders", &list); err == nil {
			page.Orders, page.Known = list.Value, list.Value != nil
		}
	}
	a.allowSignOut(c)
	why.WriteHeaders(c.Writer.Header())
	a.write(c, page.Refused.Status, templates.Orders(page))
}

// isOrderID reports whether an order may have an id. Others have a meaning in an address: "..", or one with a slash.
func isOrderID(id string) bool { return apperror.Word(id) != "" && strings.Trim(id, ".") != "" }
