package linetest

// template checks buttons, confirm, carousel and image_carousel.
func (c *checker) template(t object, path string) {
	switch c.oneOf(t, path, "type", false, "buttons", "confirm", "carousel", "image_carousel") {
	case "buttons":
		c.panel(t, path, 160, 4)
		c.oneOf(t, path, "imageAspectRatio", true, "rectangle", "square")
		c.oneOf(t, path, "imageSize", true, "cover", "contain")
	case "confirm":
		c.words(t, path, "text", words{240, Graphemes, false})
		c.actions(t, path, 2, 2)
	case "carousel":
		c.oneOf(t, path, "imageAspectRatio", true, "rectangle", "square")
		c.oneOf(t, path, "imageSize", true, "cover", "contain")
		c.carousel(t, path)
	case "image_carousel":
		for i, v := range c.list(t, path, "columns", 1, 10) {
			path := at(path+".columns", i)
			if column, isObject := c.asObject(v, path); isObject {
				c.httpsURL(column, path, "imageUrl", false)
				if a, has := c.object(column, path, "action"); has {
					c.action(a, path+".action", inImageColumn)
				}
			}
		}
	}
}

// panel is one block of picture, title, text and buttons. Beside a picture or
// a title only 60 characters of text fit.
func (c *checker) panel(o object, path string, text, actions int) int {
	if o["title"] != nil || o["thumbnailImageUrl"] != nil {
		text = 60
	}
	c.httpsURL(o, path, "thumbnailImageUrl", true)
	c.words(o, path, "title", words{40, Graphemes, true})
	c.words(o, path, "text", words{text, Graphemes, false})
	if o["defaultAction"] != nil {
		if a, isObject := c.object(o, path, "defaultAction"); isObject {
			c.action(a, path+".defaultAction", asDefault)
		}
	}
	return c.actions(o, path, 1, actions)
}

func (c *checker) actions(o object, path string, low, high int) int {
	list := c.list(o, path, "actions", low, high)
	for i, v := range list {
		if a, isObject := c.asObject(v, at(path+".actions", i)); isObject {
			c.action(a, at(path+".actions", i), inTemplate)
		}
	}
	return len(list)
}

// carousel wants columns alike: the same number of actions, and a title or a
// picture in all or in none.
func (c *checker) carousel(t object, path string) {
	var first object
	actions := 0
	for i, v := range c.list(t, path, "columns", 1, 10) {
		path := at(path+".columns", i)
		column, isObject := c.asObject(v, path)
		if !isObject {
			continue
		}
		n := c.panel(column, path, 120, 3)
		if first == nil {
			first, actions = column, n
			continue
		}
		if n != actions {
			c.fault(path+".actions", "The number of actions must be the same in all columns")
		}
		for _, key := range []string{"title", "thumbnailImageUrl"} {
			if (column[key] == nil) != (first[key] == nil) {
				c.fault(path+"."+key, "Must be in all columns or in none")
			}
		}
	}
}
