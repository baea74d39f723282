package app

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// What is taken. The table's row about a rejected order says the same.
const (
	maxBody     = 4 << 10 // bytes of a request
	maxItem     = 100     // characters
	maxQuantity = 1000
	maxOrders   = 100    // of one user
	maxUsers    = 10_000 // who have any
)

// order is one of a user's.
type order struct {
	ID       string    `json:"id"`
	Item     string    `json:"item"`
	Quantity int       `json:"quantity"`
	Placed   time.Time `json:"placed"`
}

// user is whose orders they are: an object id alone may be in two tenants.
type user struct{ tenantID, objectID string }

func userOf(c *gin.Context) user {
	caller := bearer.CallerOf(c)
	return user{caller.TenantID, caller.ObjectID}
}

// book keeps all orders, in memory.
type book struct {
	mu     sync.Mutex
	orders map[user][]order
}

func newBook() *book { return &book{orders: map[user][]order{}} }

// list answers GET /orders.
func (b *book) list(c *gin.Context) {
	b.mu.Lock()
	found := append([]order{}, b.orders[userOf(c)]...) // an empty list is [], not null
	b.mu.Unlock()
	c.JSON(http.StatusOK, gin.H{"value": found})
}

// place answers POST /orders.
func (b *book) place(c *gin.Context) {
	placed, err := read(c)
	if err != nil {
		fail(c, err)
		return
	}
	placed.ID, placed.Placed = rand.Text(), time.Now().UTC().Truncate(time.Second)
	if err := b.add(userOf(c), placed); err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusCreated, placed)
}

func (b *book) add(whose user, placed order) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	own, known := b.orders[whose]
	if len(own) >= maxOrders || (!known && len(b.orders) >= maxUsers) {
		return invalid("count", "There are as many orders as this API keeps. Delete one first.")
	}
	b.orders[whose] = append(own, placed)
	return nil
}

// remove answers DELETE /orders/:id. Another user's order is not found: nobody learns which ids there are.
func (b *book) remove(c *gin.Context) {
	if !b.forget(userOf(c), c.Param("id")) {
		fail(c, apperror.New(apperror.NotFound, nil))
		return
	}
	c.Status(http.StatusNoContent)
}

// forget deletes an order, and reports whether it was there.
func (b *book) forget(whose user, id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.orders[whose]
	i := slices.IndexFunc(own, func(o order) bool { return o.ID == id })
	if i < 0 {
		return false
	}
	if own = slices.Delete(own, i, i+1); len(own) == 0 {
		delete(b.orders, whose)
	} else {
		b.orders[whose] = own
	}
	return true
}

// read takes an order out of a request, and says which part of it can't be taken.
func read(c *gin.Context) (order, error) {
	var asked struct {
		Item     string `json:"item"`
		Quantity int    `json:"quantity"`
	}
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "application/json" {
		return order{}, invalid("Content-Type", "It should be application/json.")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&asked)
	if err == nil {
		if _, end := decoder.Token(); !errors.Is(end, io.EOF) { // Decode stops behind the object
			err = cmp.Or(end, errors.New("there is more"))
		}
	}
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return order{}, invalid("body", "It is longer than 4 KiB.")
	}
	switch length := utf8.RuneCountInString(asked.Item); {
	case err != nil:
		return order{}, invalid("body", `It should be one JSON object such as {"item":"Tea","quantity":2}.`)
	case length < 1 || length > maxItem || strings.TrimSpace(asked.Item) == "" || strings.ContainsFunc(asked.Item, unicode.IsControl):
		return order{}, invalid("item", "It should have 1 to 100 characters, not all of them spaces and none a control character.")
	case asked.Quantity < 1 || asked.Quantity > maxQuantity:
		return order{}, invalid("quantity", "It should be a whole number from 1 to 1000.")
	}
	return order{Item: asked.Item, Quantity: asked.Quantity}, nil
}

func invalid(check, why string) error {
	return &apperror.Error{Code: apperror.OrderInvalid, Check: check, Detail: why}
}
