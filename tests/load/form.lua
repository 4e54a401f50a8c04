-- What people send from the form, for wrk: each time answers that nobody else gave, as tests/load/answers.py has them.
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local answers = "role=newcomer&place=71638&birth_year=1990&gender=f&wish=any&language_1=ar&level_1=native&language_2=de"
  .. "&level_2=little&hobbies=cooking&max_km=10&max_age_gap=&capacity=1&party=&release_email=yes&consent=yes"
local threads = 0

function setup(thread)
  thread:set("seed", os.time() * 1000 + threads)
  threads = threads + 1
end

function init()
  math.randomseed(seed)
end

function request()
  local token = string.format("%08x%08x%08x", math.random(0, 2 ^ 31), math.random(0, 2 ^ 31), math.random(0, 2 ^ 31))
  local who = "&name=Person+" .. token .. "&email=" .. token .. "%40example.org&form_token=" .. token
  return wrk.format("POST", nil, headers, answers .. who)
end
