-- What an editor does with `kubevet lsp`: driven by the test `neovim`, which reads what this writes.
local function wait(what, done)
  if not vim.wait(110000, done, 20) then
    error("waited in vain for " .. what)
  end
end

local said = {}
local function say(key, value)
  said[key] = value
end

local function run()
  vim.cmd("edit base/deployment.yaml")
  local buffer = vim.api.nvim_get_current_buf()
  local root = vim.fn.getcwd()
  local id = vim.lsp.start_client({ name = "kubevet", cmd = { vim.env.KUBEVET, "lsp" }, root_dir = root, workspace_folders = { { uri = vim.uri_from_fname(root), name = "project" } } })
  assert(vim.lsp.buf_attach_client(buffer, id), "the server is attached")
  local function of_rule(rule)
    return vim.tbl_filter(function(one) return one.code == rule end, vim.diagnostic.get(buffer))
  end

  -- Diagnostics arrive.
  wait("diagnostics", function() return #of_rule("demo/probe") > 0 end)
  local shown = of_rule("demo/probe")
  table.sort(shown, function(one, other) return one.severity < other.severity end)
  say("diagnostics", vim.tbl_map(function(one) return { one.lnum + 1, one.severity, one.message } end, shown))

  -- They follow what is typed and not saved.
  local line = shown[1].lnum
  vim.api.nvim_buf_set_lines(buffer, line + 1, line + 1, true, { "          livenessProbe: {tcpSocket: {port: 80}}" })
  wait("no diagnostics", function() return #of_rule("demo/probe") == 0 end)
  vim.cmd("undo")
  wait("diagnostics again", function() return #of_rule("demo/probe") > 0 end)

  -- Hover: the value in each environment.
  vim.api.nvim_win_set_cursor(0, { vim.fn.search("replicas:"), 4 })
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  local hover = vim.lsp.buf_request_sync(buffer, "textDocument/hover", params, 110000)
  say("hover", hover[id].result.contents.value)

  -- Definition: from the base to the patch that sets it too.
  vim.lsp.buf.definition()
  wait("the definition", function() return vim.api.nvim_buf_get_name(0):match("patch.yaml$") ~= nil end)
  say("definition", { vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ":."), vim.api.nvim_win_get_cursor(0)[1] })
  vim.cmd("buffer " .. buffer)

  -- Code actions, applied: a comment, and a fix that is proved when it is chosen.
  local function act(title, done)
    vim.api.nvim_win_set_cursor(0, { line + 1, 0 })
    vim.ui.select = function(items, _, choose)
      local action = function(item) return item.action or item[2] end
      say("actions", vim.tbl_map(function(item) return action(item).title end, items))
      for _, item in ipairs(items) do
        if action(item).title == title then
          return choose(item)
        end
      end
      error("no action " .. title)
    end
    vim.lsp.buf.code_action()
    wait("the edit of " .. title, done)
  end
  local function text(first, last)
    return vim.api.nvim_buf_get_lines(buffer, first, last, false)
  end
  act("Accept demo/probe here: say why", function() return text(line, line + 1)[1]:match("kubevet: allow") ~= nil end)
  say("edited", text(line - 1, line + 2))
  vim.cmd("undo")
  local lines = vim.api.nvim_buf_line_count(buffer)
  act("Add a probe", function() return vim.api.nvim_buf_line_count(buffer) > lines end)
  say("mended", text(0, -1))
  wait("no diagnostics of what is mended", function() return #of_rule("demo/probe") == 0 end)

  vim.lsp.stop_client(id)
  wait("the end", function() return vim.lsp.client_is_stopped(id) end)
end

local ok, why = xpcall(run, debug.traceback)
say("error", not ok and why or nil)
vim.fn.writefile({ vim.fn.json_encode(said) }, vim.env.OUT)
vim.cmd("qa!")
