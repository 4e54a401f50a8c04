"""HTTP of registration: pages for people, commands for coordinators, one question of notification's."""
