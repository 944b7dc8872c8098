(function () {
  "use strict";
  var AT_ONCE = 50;
  var table = document.querySelector(".all-runs"), body = table.tBodies[0];
  var filter = document.getElementById("runs-filter"), shown = document.getElementById("runs-shown");
  var lines = Array.prototype.map.call(body.rows, function (row) {
    var cells = Array.prototype.slice.call(row.cells);
    return {
      row: row, cells: cells.map(value),
      text: cells.map(function (cell) { return cell.textContent.toLowerCase(); }).join(" ")
    };
  });
  var list = lines, from = 0, by = -1, up = false;

  // A number where the whole cell is one, text else; null where it says nothing.
  function value(cell) {
    var text = cell.textContent, number = Number(text.replace(/,/g, ""));
    return text === "-" ? null : isNaN(number) ? text : number;
  }

  function compare(a, b) {
    var x = a.cells[by], y = b.cells[by];
    if (x === null || y === null) return (x === null) - (y === null);
    var order = typeof x !== typeof y ? (typeof x === "number" ? -1 : 1) : x < y ? -1 : x > y ? 1 : 0;
    return up ? order : -order;
  }

  function show() {
    from = Math.max(0, Math.min(from, Math.floor((list.length - 1) / AT_ONCE) * AT_ONCE));
    var to = Math.min(from + AT_ONCE, list.length);
    body.replaceChildren.apply(body, list.slice(from, to).map(function (line) { return line.row; }));
    shown.textContent = list.length ? from + 1 + " to " + to + " of " + list.length : "none of " + lines.length;
    page.list(".pager button").forEach(function (button) {
      button.disabled = button.dataset.step < 0 ? from === 0 : to === list.length;
    });
  }

  function choose() {
    var words = filter.value.toLowerCase().split(/\s+/);
    list = lines.filter(function (line) {
      return words.every(function (word) { return line.text.indexOf(word) >= 0; });
    });
    if (by >= 0) list.sort(compare);
    from = 0;
    show();
  }

  // Text from its beginning, numbers from the largest; a second click turns the order round.
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (title, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = title.textContent;
    title.textContent = "";
    title.appendChild(button);
    button.addEventListener("click", function () {
      up = by === column ? !up : typeof lines[0].cells[column] === "string";
      by = column;
      page.list(".all-runs thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      title.setAttribute("aria-sort", up ? "ascending" : "descending");
      choose();
    });
  });
  page.list(".pager button").forEach(function (button) {
    button.addEventListener("click", function () {
      from += AT_ONCE * Number(button.dataset.step);
      show();
    });
  });
  filter.addEventListener("input", choose);
  filter.closest("p").hidden = false;
  // Paper has no pager.
  window.addEventListener("beforeprint", function () {
    body.replaceChildren.apply(body, list.map(function (line) { return line.row; }));
  });
  window.addEventListener("afterprint", show);
  show();
})();
